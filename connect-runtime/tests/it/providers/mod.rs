//! Values from config providers reach the connector, are shown nowhere, and are read again in time.

mod hidden;
mod leaky;
mod renewal;

use std::collections::BTreeMap;
use std::fs;

use connect_runtime::providers::{EnvVarConfigProvider, EnvVarConfigProviderConfig, Providers};

const SECRET: &str = "hunter2 \"is\" a\\secret";

/// The secret in a file, in a directory, and in the environment.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write(SECRET);
        place
    }

    fn write(&self, secret: &str) {
        let escaped = secret.replace('\\', "\\\\");
        fs::write(self.0.path().join("s.properties"), format!("password={escaped}\n")).unwrap();
        fs::write(self.0.path().join("token"), format!("{secret}\n")).unwrap();
    }

    fn providers(&self, more: &[(&str, &str)]) -> Providers {
        let worker = [
            ("config.providers", "file,directory"),
            ("config.providers.file.class", "File"),
            ("config.providers.directory.class", "Directory"),
        ];
        let worker: BTreeMap<_, _> = worker.iter().chain(more).map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let environment = [("SECRET".to_owned(), SECRET.to_owned())];
        let env = EnvVarConfigProvider::over(&EnvVarConfigProviderConfig::default(), environment).unwrap();
        Providers::new().provider("env", env).configure(&worker).unwrap().0
    }

    /// The variable of each provider.
    fn variables(&self) -> [String; 3] {
        let path = self.0.path().display();
        [
            format!("${{file:{path}/s.properties:password}}"),
            format!("${{directory:{path}:token}}"),
            "${env:SECRET}".into(),
        ]
    }
}

fn properties(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
