//! Lines that are JSON objects and lines that only look like one.

use super::*;

/// Whether a line is taken, in a column that holds text, in none at all, and in a list; the answer must not differ.
fn is_taken(line: &[u8]) -> bool {
    let schemas = [
        schema(vec![("a", DataType::Utf8)]),
        schema(vec![("unknown", DataType::Int64)]),
        schema(vec![("a", list(DataType::Utf8))]),
        schema(vec![("a", DataType::Int64)]),
        schema(vec![("a", DataType::Decimal128(10, 2))]),
        schema(vec![("a", DataType::Date32)]),
        schema(vec![("a", map(DataType::Float64))]),
        schema(vec![("a", structure(vec![("b", DataType::Boolean)]))]),
    ];
    let taken = schemas.map(|schema| {
        let text = [b"{\"a\":\"before\"}\n".as_slice(), line, b"\n{\"a\":\"behind\"}"].concat();
        let decoded = decode(&schema, text);
        assert_eq!(decoded.batch.num_rows() + decoded.rejects.len(), 3, "{}", String::from_utf8_lossy(line));
        decoded.rejects.is_empty()
    });
    let first = taken[0];
    assert!(taken.iter().all(|taken| *taken == first), "{}: {taken:?}", String::from_utf8_lossy(line));
    first
}

#[test]
fn what_is_json_is_taken() {
    let values: &[&str] = &[
        "0",
        "-0",
        "-1",
        "123",
        "1E22",
        "1e+2",
        "1E-2",
        "0e1",
        "0e+1",
        "-0.0",
        "123.456789",
        "20e1",
        "0.00000000000000000000000000000000000000000000000000000000000000000000000000000001",
        "1e999999999999999999999",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "-1e-999999999999",
        "true",
        "false",
        "null",
        "\"\"",
        "\"/\"",
        "\"\\/\"",
        "\"\u{7f}\"",
        "\"\u{2028}\u{2029}\"",
        "\"\u{feff}\"",
        "\"\u{10ffff}\"",
        "\"\u{80}\"",
        "\"\\uD834\\uDd1e\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\uDADA x\"",
        "\"\\u0000\"",
        "\"\\\\u0000\"",
        "\"\\\"\"",
        "\"'\"",
        "\"/**/\"",
        "\"{[\"",
        "[]",
        "[ ]",
        "[[]]",
        "[1,null,\"x\",{}]",
        "[0 ]",
        "{}",
        "{ }",
        "{\"\":0}",
        "{\"a\":1,\"a\":2}",
        "{\"a\\u0000b\":0}",
        "{\"\\ud800\":1}",
        "[ 1 , 2 ]",
        "\t1\t",
        "\r1\r",
        "[\"\\u0012\"]",
        "\"asd \u{ff}\"",
        "[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]",
    ];
    for value in values {
        for line in [
            format!("{{\"a\":{value}}}"),
            format!(" {{ \"a\" : {value} }} \r"),
            format!("{{\"b\":0,\"a\":{value}}}"),
        ] {
            assert!(is_taken(line.as_bytes()), "{line}");
        }
    }
}

#[test]
fn values_that_are_not_json_are_rejected() {
    let values: &[&[u8]] = &[
        b"",
        b"-",
        b"+1",
        b"01",
        b"-01",
        b"00",
        b"1.",
        b".5",
        b"-.5",
        b"1.e1",
        b"1e",
        b"1e+",
        b"1E-",
        b"1eE2",
        b"1.2.3",
        b"0x1",
        b"1_000",
        b"1 000",
        b"--1",
        b"-a",
        b"1a",
        b"0.1.2",
        b"0e",
        b"2.e3",
        b"NaN",
        b"-NaN",
        b"Infinity",
        b"-Infinity",
        b"inf",
        b"nan",
        b"True",
        b"TRUE",
        b"tru",
        b"truex",
        b"fals",
        b"nul",
        b"nulll",
        b"nil",
        b"undefined",
        b"\"",
        b"\"a",
        b"\"\\\"",
        b"\"\\x\"",
        b"\"\\u\"",
        b"\"\\u12\"",
        b"\"\\u123g\"",
        b"\"\\U0041\"",
        b"\"\\u+123\"",
        b"\"\\a\"",
        b"\"\\\x01\"",
        b"\"\\ \"",
        b"\"\\\xf0\x9f\"",
        b"\"\\ud800\\u\"",
        b"\"\\ud800\\u1\"",
        b"\"\\ud800\\\"",
        b"\"\x00\"",
        b"\"\x1f\"",
        b"\"tab\there\"",
        b"\"\r\"",
        b"\"\x80\"",
        b"\"\xff\"",
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\xbf\xbf\xbf\"",
        b"\"\xe2\x82\"",
        b"\"\xfc\x80\x80\x80\x80\x80\"",
        b"\xff",
        b"'a'",
        b"a",
        b"\\n",
        b"\x0c1",
        b"\xc2\xa01",
        b"\xef\xbb\xbf1",
        b"\xe2\x81\xa01",
        b"[",
        b"]",
        b"[1",
        b"[1,",
        b"[,1]",
        b"[1,]",
        b"[1,,2]",
        b"[1 2]",
        b"[1:2]",
        b"[\"a\"",
        b"[}",
        b"[1}",
        b"[[]",
        b"[]]",
        b"[\"\xff\"]",
        b"[tru]",
        b"[-]",
        b"[01]",
        b"{",
        b"}",
        b"{\"a\"",
        b"{\"a\":",
        b"{\"a\":1",
        b"{\"a\":1,",
        b"{\"a\":1,}",
        b"{,\"a\":1}",
        b"{\"a\"::1}",
        b"{\"a\",1}",
        b"{\"a\" 1}",
        b"{a:1}",
        b"{'a':1}",
        b"{1:1}",
        b"{null:1}",
        b"{[]:1}",
        b"{\"a\":1]",
        b"{\"a\":1 \"b\":2}",
        b"{\"a\":1;\"b\":2}",
        b"{\"a\":1,,\"b\":2}",
        b"{\"\xff\":1}",
        b"{\"\\x\":1}",
        b"{\"a\x01\":1}",
        b"{\"a\":1}}",
        b"1}, 2",
        b"1,",
        b",1",
        b"1//c",
        b"1/*c*/",
        b"1#c",
        b"/**/1",
        b"\"a\" \"b\"",
        b"1 1",
        b"1\x00",
        b"\x001",
        b"\x0b1",
        b"*",
        b"<a>",
        b"(1)",
        b"1;",
        b"`a`",
        b"@",
        b"$ref",
        b"~",
        b"true false",
    ];
    for value in values {
        let line = [b"{\"a\":".as_slice(), value, b"}"].concat();
        assert!(!is_taken(&line), "{} was taken", String::from_utf8_lossy(&line));
        let line = [b"{\"x\": [1], \"a\":".as_slice(), value, b", \"c\":2}"].concat();
        assert!(!is_taken(&line), "{} was taken", String::from_utf8_lossy(&line));
    }
}

#[test]
fn lines_that_are_not_one_object_are_rejected() {
    let lines: &[&[u8]] = &[
        b"1",
        b"\"a\"",
        b"null",
        b"true",
        b"[]",
        b"[{\"a\":1}]",
        b"x",
        b"{",
        b"}",
        b"{]",
        b"{}}",
        b"{}{}",
        b"{} {}",
        b"{},",
        b",{}",
        b"{}x",
        b"{}\x00",
        b"\x00{}",
        b"\xff{}",
        b"{}\xff",
        b"{\x0b}",
        b"{} //c",
        b"# c",
        b"{\"a\":1}\x0c",
        b"\xef\xbb\xbf{\"a\":1}",
        b"(\"a\")",
        b"{\"a\"}",
        b"{\"a\":}",
        b"{:1}",
        b"{\"a\":1,}",
        b"{,}",
        b"{\"a\":1,\"b\"}",
        b"\\",
        b"\"",
        b"{\"",
        b"{\"a\":\"",
        b"{\"a\":[",
    ];
    for line in lines {
        assert!(!is_taken(line), "{} was taken", String::from_utf8_lossy(line));
    }
}

#[test]
fn every_beginning_of_a_record_is_rejected() {
    let line = r#"{"a": [1, {"b": "x\u00e4\"y"}, -1.5e-3, true, null], "größe": {"c": {}}}"#;
    assert!(is_taken(line.as_bytes()));
    for end in 1..line.len() {
        assert!(!is_taken(&line.as_bytes()[..end]), "{}", &line[..line.floor_char_boundary(end)]);
    }
}

#[test]
fn nesting_has_a_limit_and_no_depth_overflows_the_stack() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(depth - 1), close.repeat(depth - 1))
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        assert!(is_taken(nested(open, close, 64).as_bytes()));
        for depth in [65, 1000, 1_000_000] {
            assert!(!is_taken(nested(open, close, depth).as_bytes()), "{depth}");
            assert!(!is_taken(format!("{{\"a\":{}", open.repeat(depth)).as_bytes()), "{depth}");
        }
    }
    let options = JsonOptions { max_nesting: 512, ..JsonOptions::default() };
    let mut element = DataType::Int64;
    for _ in 0..511 {
        element = list(element);
    }
    let mut decoder = JsonDecoder::new(schema(vec![("a", element)]), options).unwrap();
    let decoded = decoder.decode(&chunk(nested("[", "]", 512).as_bytes(), 1, 0)).unwrap();
    assert_eq!((decoded.rejects.len(), rescued(&decoded, 0)), (0, None));
    for max_nesting in [0, 513] {
        assert!(
            JsonDecoder::new(schema(vec![]), JsonOptions { max_nesting, ..JsonOptions::default() }).is_err()
        );
    }
}
