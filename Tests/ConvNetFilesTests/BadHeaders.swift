import Testing

/// A header that must be refused, a part of the expected message, and whether only this package's stricter
/// rules refuse it.
struct BadHeader: Sendable, CustomTestStringConvertible {
  let header: [UInt8]
  let data: Int
  let message: String
  let isStricter: Bool

  init(_ header: String, data: Int = 4, _ message: String, isStricter: Bool = false) {
    self.init(bytes: Array(header.utf8), data: data, message, isStricter: isStricter)
  }

  init(bytes: [UInt8], data: Int = 4, _ message: String, isStricter: Bool = false) {
    (header, self.data, self.message, self.isStricter) = (bytes, data, message, isStricter)
  }

  var file: [UInt8] { safetensors(header: header, data: data) }

  var testDescription: String { String(decoding: header.prefix(120), as: UTF8.self) }
}

/// `{"x":{...}}` with one Float32 and replaceable fields.
private func one(
  type: String = #""F32""#, shape: String = "[1]", offsets: String = "[0,4]", more: String = ""
) -> String {
  #"{"x":{"dtype":\#(type),"shape":\#(shape),"data_offsets":\#(offsets)\#(more)}}"#
}

/// `"name":{...}` with one Float32 at `begin`.
private func entry(_ name: String, at begin: Int = 0) -> String {
  #""\#(name)":{"dtype":"F32","shape":[1],"data_offsets":[\#(begin),\#(begin + 4)]}"#
}

let badHeaders: [BadHeader] = [
  // The outermost object.
  BadHeader("", data: 2, "'{' is required"),
  BadHeader("[]", data: 0, "'{' is required"),
  BadHeader(" " + one(), "'{' is required", isStricter: true),
  BadHeader("\u{FEFF}" + one(), "'{' is required"),
  BadHeader("{", data: 1, "'\"' is required"),
  BadHeader(one() + "}", "only spaces"),
  BadHeader(one() + "\0", "only spaces"),
  BadHeader(one() + "\n", "only spaces", isStricter: true),
  BadHeader(one() + #",{"y":1}"#, "only spaces"),
  BadHeader(String(one().dropLast()), "'}' is required"),
  BadHeader(String(one().dropLast()) + ",}", "'\"' is required"),
  BadHeader("{'x':1}", "'\"' is required"),
  BadHeader("{// \n}", data: 0, "'\"' is required"),

  // Names.
  BadHeader("{\(entry("x")),\(entry("x", at: 4))}", data: 8, "\"x\" occurs twice"),
  BadHeader("{\(entry("x")),\(entry("x"))}", "\"x\" occurs twice", isStricter: true),
  BadHeader("{\(entry("x")),\(entry(#"\u0078"#))}", "\"x\" occurs twice", isStricter: true),
  BadHeader("{\(entry("\u{E9}")),\(entry("e\u{301}", at: 4))}", data: 8, "occurs twice", isStricter: true),
  BadHeader("{\(entry(String(repeating: "n", count: 257)))}", "more than 256", isStricter: true),
  BadHeader("{\(entry(#"a\u0000b"#))}", "without NUL", isStricter: true),
  BadHeader("{\(entry("a\nb"))}", "an escape instead"),
  BadHeader("{\(entry(#"a\q"#))}", "a JSON escape"),
  BadHeader("{\(entry(#"a\u12"#))}", "a JSON escape"),
  BadHeader("{\(entry(#"a\u+123"#))}", "a JSON escape"),
  BadHeader("{\(entry(#"a\ud83d"#))}", "a surrogate pair"),
  BadHeader("{\(entry(#"a\ud83d\u0041"#))}", "a surrogate pair"),
  BadHeader("{\(entry(#"a\udc00"#))}", "a surrogate pair"),
  BadHeader(
    bytes: Array("{\"".utf8) + [0xC3, 0x28] + Array(entry("x").utf8.dropFirst()) + [0x7D], "valid UTF-8"),
  BadHeader(
    bytes: Array("{\"".utf8) + [0xED, 0xA0, 0x80] + Array(entry("").utf8.dropFirst()) + [0x7D], "valid UTF-8"),
  BadHeader(
    bytes: Array("{\"".utf8) + [0xC0, 0x80] + Array(entry("").utf8.dropFirst()) + [0x7D], "valid UTF-8"),

  // The fields of a tensor.
  BadHeader(#"{"x":null}"#, data: 0, "'{' is required"),
  BadHeader(#"{"x":{}}"#, data: 0, "has no dtype"),
  BadHeader(#"{"x":{"dtype":"F32","data_offsets":[0,4]}}"#, "has no shape"),
  BadHeader(#"{"x":{"dtype":"F32","shape":[1]}}"#, "has no data_offsets"),
  BadHeader(one(more: #","dtype":"F32""#), "\"dtype\" occurs twice"),
  BadHeader(one(more: #","shape":[1]"#), "\"shape\" occurs twice"),
  BadHeader(one(more: #","data_offsets":[0,4]"#), "\"data_offsets\" occurs twice"),
  BadHeader(one(more: #","note":[[[[[[]]]]]]"#), "a value of dtype, shape or data_offsets", isStricter: true),

  // Types.
  BadHeader(one(type: #""I32""#), #""x" has the type "I32", but only F32"#, isStricter: true),
  BadHeader(one(type: #""F16""#, offsets: "[0,2]"), data: 2, #"has the type "F16""#, isStricter: true),
  BadHeader(one(type: #""F64""#, offsets: "[0,8]"), data: 8, #"has the type "F64""#, isStricter: true),
  BadHeader(one(type: #""f32""#), #"has the type "f32""#),
  BadHeader(one(type: #""\u001b[2J""#), #"has the type "\u{1B}[2J""#),
  BadHeader(one(type: "32"), "'\"' is required"),

  // Shapes.
  BadHeader(one(shape: "1"), "'[' is required"),
  BadHeader(one(shape: "[1,]"), "an integer without a sign"),
  BadHeader(one(shape: "[-1]"), "an integer without a sign"),
  BadHeader(one(shape: "[-0]", offsets: "[0,0]"), data: 0, "an integer without a sign"),
  BadHeader(one(shape: "[+1]"), "an integer without a sign"),
  BadHeader(one(shape: "[1.0]"), "']' is required"),
  BadHeader(one(shape: "[1e0]"), "']' is required"),
  BadHeader(one(shape: "[01]"), "without leading zeros"),
  BadHeader(one(shape: "[\"1\"]"), "an integer without a sign"),
  BadHeader(one(shape: "[[1]]"), "an integer without a sign"),
  BadHeader(one(shape: "[null]"), "an integer without a sign"),
  BadHeader(one(shape: "[1,1,1,1,1,1,1,1,1]"), "more than 8 axes", isStricter: true),
  BadHeader(one(shape: "[18446744073709551617]"), "an integer from 0 to"),
  BadHeader(one(shape: "[9223372036854775807]"), "larger than memory"),
  BadHeader(one(shape: "[2147483648,2147483648,2]"), "larger than memory"),
  BadHeader(one(shape: "[4294967296,4294967296]", offsets: "[0,0]"), data: 0, "larger than memory"),
  BadHeader(
    one(shape: "[2147483648,0]", offsets: "[0,0]"), data: 0, "larger than memory", isStricter: true),

  // Offsets.
  BadHeader(one(offsets: "[0]"), "two offsets"),
  BadHeader(one(offsets: "[0,4,8]"), "two offsets"),
  BadHeader(one(offsets: "[4,0]"), "data offsets [4, 0] instead of [0, 4]"),
  BadHeader(one(offsets: "[0,8]"), data: 8, "data offsets [0, 8]"),
  BadHeader(one(offsets: "[4,8]"), data: 8, "data offsets [4, 8]"),
  BadHeader(one(offsets: "[0,4.0]"), "']' is required"),
  BadHeader(one(offsets: "[9223372036854775804,9223372036854775807]"), "data offsets [92233"),
  BadHeader("{\(entry("a")),\(entry("b"))}", "of shape [1] has the data offsets [0, 4]"),
  BadHeader("{\(entry("a")),\(entry("b", at: 8))}", data: 12, "instead of [4, 8]"),
  BadHeader(one(), data: 3, "4 bytes of data, but the file has 3"),
  BadHeader(one(), data: 5, "4 bytes of data, but the file has 5"),
  BadHeader("{}", data: 1, "0 bytes of data, but the file has 1"),

  // Metadata.
  BadHeader(#"{"__metadata__":[]}"#, data: 0, "'{' is required"),
  BadHeader(#"{"__metadata__":null}"#, data: 0, "'{' is required", isStricter: true),
  BadHeader(#"{"__metadata__":{"a":1}}"#, data: 0, "'\"' is required"),
  BadHeader(#"{"__metadata__":{"a":{"b":"c"}}}"#, data: 0, "'\"' is required"),
  BadHeader(#"{"__metadata__":{"a":null}}"#, data: 0, "'\"' is required"),
  BadHeader(#"{"__metadata__":{},"__metadata__":{}}"#, data: 0, "occurs twice"),
  BadHeader(#"{"__metadata__":{"a":"1","a":"2"}}"#, data: 0, "\"a\" occurs twice", isStricter: true),
]
