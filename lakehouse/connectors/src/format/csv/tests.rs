use arrow::datatypes::{DataType, TimeUnit};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::*;
use crate::format::conformance::{Outcome, file, options, outcome, schema};
use crate::format::{Options, Payload};

async fn read(text: &str, given: &[(&str, &str)], columns: &[(&str, DataType)]) -> Outcome {
    let format = Csv::new(&options(given), b',').unwrap();
    outcome(&format, file("f", text).await, &schema(columns)).await
}

async fn rows(text: &str, given: &[(&str, &str)], columns: &[(&str, DataType)]) -> Vec<String> {
    let found = read(text, given, columns).await;
    assert_eq!((found.rejects, found.error), (vec![], None));
    found.rows
}

async fn inferred(texts: &[&str], given: &[(&str, &str)]) -> Vec<String> {
    let format = Csv::new(&options(given), b',').unwrap();
    let mut files = Vec::new();
    for text in texts {
        files.push(file("f", *text).await);
    }
    let schema = format.infer(&files).await.unwrap();
    schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect()
}

const TEXT: DataType = DataType::Utf8;
const INT: DataType = DataType::Int64;

#[tokio::test]
async fn columns_are_matched_by_name_and_the_rest_is_rescued() {
    let columns = [("a", INT), ("b", TEXT), ("c", TEXT)];
    let found = rows("b,a,B,x y\nu,1,v,\nw,2,,\"q\"\"\"\n", &[], &columns).await;
    // `b` and `B` differ only by case, so both get their index, as in Spark.
    assert_eq!(
        found,
        [r#"1|~|~|{"b0":"u","B2":"v","_file_path":"f"}"#, r#"2|~|~|{"b0":"w","x y":"q\"","_file_path":"f"}"#]
    );
    let found = rows("b,a\nu,1\n", &[], &columns).await;
    assert_eq!(found, ["1|u|~|~"]);
    let found = rows("A\n1\n", &[], &columns).await;
    assert_eq!(found, [r#"~|~|~|{"A":"1","_file_path":"f"}"#]);
}

#[tokio::test]
async fn fields_may_be_missing_or_too_many() {
    let columns = [("a", INT), ("b", TEXT)];
    let found = rows("a,b\n1\n2,x,y,,z\n,\n", &[], &columns).await;
    assert_eq!(found, ["1|~|~", r#"2|x|{"_c2":"y","_c4":"z","_file_path":"f"}"#, "~|~|~"]);
    let found = rows("1,x,y\n", &[("header", "false")], &columns).await;
    assert_eq!(found, [r#"1|x|{"_c2":"y","_file_path":"f"}"#]);
}

#[tokio::test]
async fn values_that_do_not_fit_are_rescued() {
    let micros = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let columns = [
        ("i", DataType::Int32),
        ("l", INT),
        ("d", DataType::Float64),
        ("b", DataType::Boolean),
        ("t", micros),
    ];
    let text = "i,l,d,b,t\n1,2,3.5,true,2013-01-01T05:00:00Z\nabc,1.5,x,2,now\n2147483648,9223372036854775808,1e999,,\n";
    let found = rows(text, &[], &columns).await;
    assert_eq!(
        found,
        [
            "1|2|3.5|true|2013-01-01T05:00:00Z|~",
            r#"~|~|~|~|~|{"i":"abc","l":"1.5","d":"x","b":"2","t":"now","_file_path":"f"}"#,
            r#"~|~|~|~|~|{"i":"2147483648","l":"9223372036854775808","d":"1e999","_file_path":"f"}"#,
        ]
    );
}

#[tokio::test]
async fn nulls_and_empty_texts_are_told_apart() {
    let columns = [("a", TEXT), ("b", INT)];
    assert_eq!(rows("a,b\n,\n\"\",\"\"\n", &[], &columns).await, ["~|~|~", "|~|~"]);
    let given = [("nullValue", "NA"), ("emptyValue", "-")];
    assert_eq!(rows("a,b\nNA,NA\n\"NA\",\n\"\",1\n", &given, &columns).await, ["~|~|~", "~|~|~", "-|1|~"]);
}

#[tokio::test]
async fn quotes_hold_separators_and_quotes() {
    let columns = [("a", TEXT), ("b", TEXT)];
    let text = "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"a \\\"b\\\" c\",\"back\\\\slash \\n\"\n\"closed\" ,z\nin\"side,\"a\"b\n";
    assert_eq!(
        rows(text, &[], &columns).await,
        ["x,y|say \"hi\"|~", "a \"b\" c|back\\slash \\n|~", "closed|z|~", "in\"side|\"a\"b|~"]
    );
    let windows = "a,b\n\"C:\\\",x\n";
    assert_eq!(rows(windows, &[("escape", "\"")], &columns).await, ["C:\\|x|~"]);
    assert_eq!(rows("a,b\n'x,y',\"z\"\n", &[("quote", "'")], &columns).await, ["x,y|\"z\"|~"]);
    assert_eq!(rows("a,b\n\"x,y\n", &[("quote", "")], &columns).await, ["\"x|y|~"]);
}

#[tokio::test]
async fn separators_blanks_and_comments_are_as_told() {
    let columns = [("a", TEXT), ("b", INT)];
    assert_eq!(rows("a;b\nx,y;1\n", &[("delimiter", ";")], &columns).await, ["x,y|1|~"]);
    assert_eq!(rows("a\tb\n\t\n x\t1\n", &[("sep", "\\t")], &columns).await, ["~|~|~", " x|1|~"]);
    let trim = [("ignoreLeadingWhiteSpace", "true"), ("ignoreTrailingWhiteSpace", "true")];
    assert_eq!(rows("a , b\n x , 1 \n \" y \" , 2\n", &trim, &columns).await, ["x|1|~", " y |2|~"]);
    assert_eq!(rows("# \"\na,b\n#x,1\ny,2\n", &[("comment", "#")], &columns).await, ["y|2|~"]);
}

#[tokio::test]
async fn line_breaks_in_quotes_need_the_option() {
    let columns = [("a", TEXT), ("b", TEXT)];
    let text = "a,b\n\"x\ny\",z\nü,\"open\n";
    let given = [("multiLine", "true")];
    let found = read(text, &given, &columns).await;
    assert_eq!(found.rows, ["x\ny|z|~"]);
    assert_eq!((found.rejects[0].line, found.rejects[0].byte_offset), (Some(4), 12));
    assert_eq!(found.rejects[0].raw, "ü,\"open".as_bytes());
    assert!(
        found.rejects[0].reason.starts_with("character 3: the quote is not closed"),
        "{:?}",
        found.rejects
    );
    let found = read(text, &[], &columns).await;
    // `y",z` is a record like any other: a quote inside a field is a character.
    assert_eq!(found.rows, ["y\"|z|~"]);
    let lines: Vec<_> = found.rejects.iter().map(|reject| reject.line).collect();
    assert_eq!(lines, [Some(2), Some(4)]);
}

#[tokio::test]
async fn what_is_not_utf8_is_rejected_alone() {
    let format = Csv::new(&Options::default(), b',').unwrap();
    let bytes = b"a,b\n\xc3\xa9,1\n\xff,2\nx,3\n".to_vec();
    let found = outcome(&format, file("f", bytes).await, &schema(&[("a", TEXT), ("b", INT)])).await;
    assert_eq!(found.rows, ["é|1|~", "x|3|~"]);
    assert_eq!((found.rejects[0].line, found.rejects[0].byte_offset), (Some(3), 9));
    assert_eq!(found.rejects[0].raw, b"\xff,2");
    let found = outcome(&format, file("f", b"a,\xff\n1,2\n".to_vec()).await, &schema(&[("a", INT)])).await;
    assert!(found.error.unwrap().contains("header"));
}

#[tokio::test]
async fn too_many_fields_are_no_record() {
    let text = format!("a\n{}\n7\n", ",".repeat(30_000));
    for given in [&[][..], &[("multiLine", "true")]] {
        let found = read(&text, given, &[("a", INT)]).await;
        assert_eq!((found.rows.as_slice(), found.rejects.len()), (&["7|~".to_owned()][..], 1));
    }
}

#[tokio::test]
async fn types_are_inferred_where_nothing_is_lost() {
    let text = "i,d,b,s,z,n,m,t\n1,1,true,x,007,,1,2013-01-01\n-2,2.5,FALSE,1,1,,true,2013-01-02\n";
    let expected = ["i Int64", "d Float64", "b Boolean", "s Utf8", "z Utf8", "n Utf8", "m Utf8", "t Utf8"];
    assert_eq!(inferred(&[text], &[]).await, expected);
    assert_eq!(inferred(&["a\n99999999999999999999\n"], &[]).await, ["a Utf8"]);
    assert_eq!(inferred(&["a\n1\n"], &[("inferSchema", "false")]).await, ["a Utf8"]);
    assert_eq!(
        inferred(&["1,x\n2,y,z\n"], &[("header", "false")]).await,
        ["_c0 Int64", "_c1 Utf8", "_c2 Utf8"]
    );
    assert_eq!(inferred(&["b,a\n1,2\n", "a,c,B\n1.5,x,y\n"], &[]).await, ["b Int64", "a Float64", "c Utf8"]);
    assert_eq!(
        inferred(&["a,,a,_rescued_data\n1,2,3,4\n"], &[]).await,
        ["a0 Int64", "_c1 Int64", "a2 Int64"]
    );
    let empty = Csv::new(&Options::default(), b',').unwrap().infer(&[file("f", "\n").await]).await;
    assert!(matches!(empty, Err(FormatError::Schema { .. })));
}

#[test]
fn options_that_cannot_be_kept_are_refused() {
    for (name, value) in [
        ("mode", "FAILFAST"),
        ("encoding", "UTF-16"),
        ("timestampFormat", "yyyy"),
        ("sep", ""),
        ("quote", ","),
        ("multiLine", "maybe"),
        ("maxRecordBytes", "lots"),
    ] {
        let error = Csv::new(&options(&[(name, value)]), b',').unwrap_err();
        assert!(matches!(&error, FormatError::InvalidOption { option, .. } if option == name), "{error}");
    }
    Csv::new(&options(&[("mode", "permissive"), ("encoding", "UTF-8"), ("lineSep", "\n")]), b',').unwrap();
}

/// Tables of random texts, written with every kind of quoting, come back as they were.
#[tokio::test]
async fn what_was_written_is_read() {
    let seed = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let parts = [
        "",
        "a",
        "bc",
        ",",
        "\"",
        "\n",
        "\r\n",
        " ",
        "é",
        "日本",
        "#",
        "x".repeat(20).as_str(),
        "\t",
        "NULL",
    ]
    .map(str::to_owned);
    for _ in 0..300 {
        let columns = rng.random_range(1..5);
        let table: Vec<Vec<String>> = (0..rng.random_range(0..6))
            .map(|_| {
                (0..columns)
                    .map(|_| (0..3).map(|_| parts.choose(&mut rng).unwrap().as_str()).collect())
                    .collect()
            })
            .collect();
        let mut text = (0..columns).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",") + "\n";
        for row in &table {
            let fields: Vec<_> =
                row.iter().map(|value| format!("\"{}\"", value.replace('"', "\"\""))).collect();
            text += &(fields.join(",") + if rng.random() { "\n" } else { "\r\n" });
        }
        let names: Vec<_> = (0..columns).map(|n| format!("c{n}")).collect();
        let schema: Vec<_> = names.iter().map(|name| (name.as_str(), TEXT)).collect();
        let found = rows(&text, &[("multiLine", "true")], &schema).await;
        let expected: Vec<_> = table.iter().map(|row| row.join("|") + "|~").collect();
        assert_eq!(found, expected, "seed {seed} {text:?}");
    }
}

#[tokio::test]
async fn a_header_comes_with_every_chunk() {
    let mut format = Csv::new(&Options::default(), b',').unwrap();
    format.limits.chunk = 4;
    use futures::StreamExt;
    let chunks: Vec<_> =
        format.open(file("f", "\n\na,b\n1,2\n3,4\n5,6\n").await).await.unwrap().collect().await;
    let with_rows =
        chunks.iter().map(|chunk| chunk.as_ref().unwrap()).filter_map(|chunk| match &chunk.payload {
            Payload::Table { header, text } if !text.is_empty() => {
                Some((header.to_vec(), chunk.first_line, chunk.byte_offset))
            }
            _ => None,
        });
    let header = vec!["a".to_owned(), "b".to_owned()];
    let expected = [(header.clone(), 4, 6), (header.clone(), 5, 10), (header, 6, 14)];
    assert_eq!(with_rows.collect::<Vec<_>>(), expected);
}
