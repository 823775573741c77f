use super::*;

#[test]
fn limits_are_judged() {
    let limits = |soft| format!("Limit  Soft Limit\nMax open files            {soft}                 4096 files\n");
    for (soft, problem) in [("1024", true), ("65536", false), ("unlimited", false)] {
        assert_eq!(open_files(&limits(soft)).map(|finding| finding.is_problem()), Some(problem), "{soft}");
    }
    assert_eq!(open_files(""), None);
    assert!(judged("disk", 5 << 20).is_problem() && !judged("disk", 5 << 30).is_problem());
}

#[test]
fn directories_are_tried() {
    let place = tempfile::tempdir().expect("a directory");
    assert!(!writable("x", place.path()).is_problem());
    assert!(!writable("x", &place.path().join("not/there/yet")).is_problem());
    let file = place.path().join("file");
    fs::write(&file, "").expect("a file");
    assert!(writable("x", &file).is_problem());
    assert_eq!(fs::read_dir(place.path()).expect("a directory").count(), 1);
}
