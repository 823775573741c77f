use super::Versions;

#[test]
fn ranges_are_mavens() {
    let rows = [
        ("4.1.2", "4.1.2", true),
        ("9.9", "4.1.2", false),
        ("[4.1.2]", "4.1.2", true),
        ("[4.1,4.2)", "4.1.2", true),
        ("[4.1,4.1.2)", "4.1.2", false),
        ("(4.1.2,)", "4.1.2", false),
        ("(,4.1.2]", "4.1.2", true),
        ("(,1.0],[4,)", "4.1.2", true),
        ("(,1.0],[5,)", "4.1.2", false),
        ("[4.1.2,]", "4.1.2-rc1", false),
        ("1", "1.0.0", true),
        ("latest", "1", true),
        ("", "1", true),
    ];
    for (asked, version, allowed) in rows {
        let versions = Versions::read(asked).expect(asked);
        assert_eq!(versions.is_none_or(|versions| versions.allow(version)), allowed, "{asked} {version}");
    }
    for wrong in ["[1", "[1,2,3]", "(1)", "1,2", "[", "x]", "[1]["] {
        assert!(Versions::read(wrong).is_err(), "{wrong}");
    }
}
