//! Keys of TLS: those of Kafka's clients.

use connect_api::config::Secret;

connect_api::config! {
    /// Kafka's settings of TLS, of which PEM stores are read.
    #[derive(Clone, PartialEq, Eq)]
    pub struct TlsConfig {
        /// Protocols that may be used: TLSv1.2, TLSv1.3.
        #[serde(rename = "ssl.enabled.protocols", default = "protocols")]
        pub enabled_protocols: Vec<String>,
        /// Form of the truststore; PEM is read.
        #[serde(rename = "ssl.truststore.type", default = "jks")]
        pub truststore_type: String,
        /// File with the certificates to trust; the machine's own when absent.
        #[serde(rename = "ssl.truststore.location", default)]
        pub truststore_location: Option<String>,
        /// Password of the truststore; PEM needs none.
        #[serde(rename = "ssl.truststore.password", default)]
        pub truststore_password: Option<Secret<String>>,
        /// Certificates to trust, as PEM text.
        #[serde(rename = "ssl.truststore.certificates", default)]
        pub truststore_certificates: Option<Secret<String>>,
        /// Form of the keystore; PEM is read.
        #[serde(rename = "ssl.keystore.type", default = "jks")]
        pub keystore_type: String,
        /// File with the client's key and certificates.
        #[serde(rename = "ssl.keystore.location", default)]
        pub keystore_location: Option<String>,
        /// Password of the keystore; PEM needs none.
        #[serde(rename = "ssl.keystore.password", default)]
        pub keystore_password: Option<Secret<String>>,
        /// The client's key, as PEM text.
        #[serde(rename = "ssl.keystore.key", default)]
        pub keystore_key: Option<Secret<String>>,
        /// The client's certificates, as PEM text.
        #[serde(rename = "ssl.keystore.certificate.chain", default)]
        pub keystore_chain: Option<Secret<String>>,
        /// Password of the key, when it is encrypted (PKCS#8).
        #[serde(rename = "ssl.key.password", default)]
        pub key_password: Option<Secret<String>>,
        /// `https` checks that the certificate is for the host; empty does not.
        #[serde(rename = "ssl.endpoint.identification.algorithm", default = "https")]
        pub endpoint_identification: String,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.protocol", default = "tls13")]
        pub protocol: String,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.provider", default)]
        pub provider: Option<String>,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.cipher.suites", default)]
        pub cipher_suites: Vec<String>,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.keymanager.algorithm", default)]
        pub keymanager_algorithm: Option<String>,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.trustmanager.algorithm", default)]
        pub trustmanager_algorithm: Option<String>,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.secure.random.implementation", default)]
        pub secure_random: Option<String>,
        /// Kept for Kafka's sake; has no effect.
        #[serde(rename = "ssl.engine.factory.class", default)]
        pub engine_factory: Option<String>,
        /// Trust every server. For trials only: whoever sits between reads and changes everything.
        #[serde(default)]
        pub insecure: bool,
    }
}

impl Default for TlsConfig {
    fn default() -> Self {
        Self {
            enabled_protocols: protocols(),
            truststore_type: jks(),
            truststore_location: None,
            truststore_password: None,
            truststore_certificates: None,
            keystore_type: jks(),
            keystore_location: None,
            keystore_password: None,
            keystore_key: None,
            keystore_chain: None,
            key_password: None,
            endpoint_identification: https(),
            protocol: tls13(),
            provider: None,
            cipher_suites: Vec::new(),
            keymanager_algorithm: None,
            trustmanager_algorithm: None,
            secure_random: None,
            engine_factory: None,
            insecure: false,
        }
    }
}

fn protocols() -> Vec<String> {
    vec!["TLSv1.2".to_owned(), "TLSv1.3".to_owned()]
}

fn jks() -> String {
    "JKS".to_owned()
}

fn https() -> String {
    "https".to_owned()
}

fn tls13() -> String {
    "TLSv1.3".to_owned()
}
