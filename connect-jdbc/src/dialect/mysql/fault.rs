//! What MySQL's and MariaDB's errors mean.

use mysql_async::{DriverError, Error, IoError};

use crate::dialect::{Class, Fault};

/// What an error of the driver or the server means.
pub(crate) fn fault(error: Error) -> Fault {
    let class = match &error {
        Error::Server(server) => class(server.code, &server.state),
        Error::Io(IoError::Tls(_)) => Class::Config,
        Error::Io(_) => Class::Connection,
        Error::Url(_) => Class::Config,
        Error::Driver(driver) => match driver {
            DriverError::NoClientSslFlagFromServer
            | DriverError::UnknownAuthPlugin { .. }
            | DriverError::MysqlOldPasswordDisabled
            | DriverError::CleartextPluginDisabled
            | DriverError::NoKeyFound => Class::Config,
            DriverError::PacketTooLarge => Class::Data,
            DriverError::ConnectionClosed
            | DriverError::PacketOutOfOrder
            | DriverError::UnexpectedPacket { .. }
            | DriverError::BadCompressedPacketHeader
            | DriverError::PoolDisconnected => Class::Connection,
            _ => Class::Fatal,
        },
        Error::Other(_) => Class::Fatal,
    };
    match &error {
        Error::Server(server) => {
            let code = format!("{}, {}", server.state, server.code);
            Fault::of(class, code, server.message.clone()).with_source(error)
        }
        _ => Fault::new(class, error.to_string()).with_source(error),
    }
}

/// The class of an error number; SQLSTATE says less here, and `HY000` nothing.
pub(super) fn class(code: u16, state: &str) -> Class {
    match code {
        // Lock wait timeout, deadlock, too many connections, server resources, disk full, snapshot changed.
        1205 | 1213 | 1040 | 1041 | 1037 | 1038 | 1021 | 1114 | 1203 | 1206 | 1226 | 1020 | 3572 | 1969 | 3024 => {
            Class::Transient
        }
        // Server gone or lost, shutting down, killed, read only after a failover.
        2006 | 2013 | 2055 | 1053 | 1927 | 1317 | 1152 | 1158..=1161 | 1290 | 1792 | 1836 => Class::Connection,
        // Access denied, unknown database.
        1044 | 1045 | 1049 | 1130 | 1251 => Class::Config,
        // No such table or column, table or column is there already, cached plan.
        1146 | 1051 | 1054 | 1050 | 1060 | 1412 | 1615 => Class::Schema,
        // Null, duplicates, out of range, truncated, wrong value, foreign keys, checks, packets and rows too large,
        // triggers' refusals, no default.
        1022
        | 1048
        | 1062
        | 1118
        | 1153
        | 1169
        | 1216
        | 1217
        | 1262..=1265
        | 1292
        | 1364
        | 1366
        | 1367
        | 1406
        | 1411
        | 1416
        | 1441
        | 1451
        | 1452
        | 1526
        | 1557
        | 1586
        | 1644
        | 1690
        | 1761
        | 1762
        | 3140..=3146
        | 3819
        | 4025
        | 1300
        | 1301
        | 1977 => Class::Data,
        _ => Fault::class_of_sqlstate(state),
    }
}
