import PlumbFormats
import PlumbModel
import Testing

@Suite struct SafeTensorsTests {
  /// The tensors that the file in `Tests/Fixtures/seven.safetensors.txt` was made of.
  private static func writer() -> SafeTensorsWriter {
    var writer = SafeTensorsWriter()
    writer.metadata = ["format": "pt"]
    writer.add("b", shape: [2, 3], [1, 2, 3, 4, 5, 6] as [Float])
    writer.add("a", .i64, shape: [], bytes: littleEndian(Int64(7)))
    writer.add("half", .f16, shape: [2], bytes: littleEndian(UInt16(0x3e00)) + littleEndian(UInt16(0xc000)))
    writer.add("none", .u8, shape: [0, 4], bytes: [])
    writer.add("é", .bool, shape: [2], bytes: [1, 0])
    writer.add("d", .f64, shape: [1], bytes: littleEndian(UInt64(0x3fb9_9999_9999_999a)))
    writer.add("z", .i32, shape: [2], bytes: littleEndian(Int32(-1)) + littleEndian(Int32(2)))
    return writer
  }

  private static func fixture() throws -> [UInt8] {
    let digits = Array(try Fixture.lines("seven.safetensors.txt").joined().utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
  }

  @Test func itIsWrittenAsTheFormatsOwnLibraryDoes() throws {
    #expect(Self.writer().bytes() == (try Self.fixture()))
  }

  @Test func whatAnotherLibraryWroteIsRead() throws {
    let file = try SafeTensors(bytes: WeightArray(Self.fixture()), file: "test.gguf")
    #expect(file.metadata == ["format": "pt"])
    #expect(file.entries.map(\.name) == ["a", "d", "b", "z", "half", "none", "é"])
    #expect(file.entries.map(\.shape) == [[], [1], [2, 3], [2], [2], [0, 4], [2]])
    #expect(file.entries.map(\.type) == [.i64, .f64, .f32, .i32, .f16, .u8, .bool])
    let weights = try #require(file["b"]?.weights)
    #expect(weights.type == .f32 && weights.shape == [2, 3])
    // Sound: the bytes are copied while they are lent.
    let data = unsafe weights.withUnsafeBytes { unsafe Array($0) }
    #expect(data == [1, 2, 3, 4, 5, 6].flatMap { littleEndian(Float($0).bitPattern) })
    #expect(file["a"]?.weights == nil && file["c"] == nil)
  }

  @Test func textIsEscapedAndComesBack() throws {
    var writer = SafeTensorsWriter()
    writer.metadata = ["a\"\\\n\u{1}/": "é😀\u{7f}\u{2028}", "": ""]
    writer.add("x\u{0}\"y", shape: [1], [1])
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "test.gguf")
    #expect(file.metadata == writer.metadata)
    #expect(file.entries.map(\.name) == ["x\u{0}\"y"])
  }

  @Test func everyEscapeIsRead() throws {
    let json = #"{"__metadata__":{"\"\\\/\b\f\n\r\t":"\u0041\u00e9\uD83D\ude00"}}"#
    let file = try SafeTensors(bytes: WeightArray(Self.file(json)), file: "test.gguf")
    #expect(file.metadata == ["\"\\/\u{8}\u{c}\n\r\t": "Aé😀"])
  }

  /// A header as MLX writes it where there are no metadata.
  @Test func metadataMayBeNull() throws {
    let file = try SafeTensors(bytes: WeightArray(Self.file(#"{"__metadata__": null}"#)), file: "test.gguf")
    #expect(file.metadata.isEmpty && file.entries.isEmpty)
    for json in [#"{"__metadata__":nul}"#, #"{"__metadata__":nulls}"#, #"{"x":null}"#] {
      #expect(throws: ModelError.self) {
        try SafeTensors(bytes: WeightArray(Self.file(json)), file: "test.gguf")
      }
    }
  }

  @Test(arguments: files) func isRefused(_ file: BadFile) {
    do {
      _ = try SafeTensors(bytes: WeightArray(file.bytes), file: "test.gguf")
      Issue.record("was read")
    } catch { file.expectSaid(by: error) }
  }

  @Test func everyTruncationIsRefused() {
    let whole = Self.writer().bytes()
    for length in whole.indices {
      #expect(throws: ModelError.self) {
        try SafeTensors(bytes: WeightArray(Array(whole[..<length])), file: "test.gguf")
      }
    }
  }

  private static func file(_ json: String, data: Int = 0) -> [UInt8] {
    littleEndian(UInt64(json.utf8.count)) + Array(json.utf8) + [UInt8](repeating: 0, count: data)
  }

  private static func tensor(_ fields: String, data: Int = 8) -> [UInt8] { file("{\"t\":{\(fields)}}", data: data) }

  private static func bad(_ what: String, shape: String, offsets: String = "0,8", data: Int = 8, says: String)
    -> BadFile
  {
    BadFile(
      what, tensor("\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offsets)]", data: data),
      says: "tensor 't'", says)
  }

  private static let one = #""dtype":"U8","shape":[4],"data_offsets""#

  private static let files: [BadFile] = [
    BadFile("empty", [], says: "ends inside the length of the header"),
    BadFile(
      "length beyond the file", littleEndian(UInt64(3)) + Array("{}".utf8), says: "header is 3", "2 bytes remain"),
    BadFile("length 2^63", littleEndian(UInt64(1) << 63) + Array("{}".utf8), says: "header is 9223372036854775808"),
    BadFile(
      "header of 100 MB and one byte",
      littleEndian(UInt64(100_000_001)) + [UInt8](repeating: 0x20, count: 100_000_001), says: "100000001 bytes"),
    BadFile("no header", file(""), says: "does not begin with '{'"),
    BadFile("space first", file(" {}"), says: "byte 8", "does not begin with '{'"),
    BadFile("array", file("[]"), says: "does not begin with '{'"),
    BadFile("not UTF-8", littleEndian(UInt64(4)) + [0x7b, 0xff, 0x7d, 0x20], says: "byte 8", "not UTF-8"),
    BadFile("unfinished", file("{"), says: "byte 9"),
    BadFile("more behind", file("{} {}"), says: "byte 11", "goes on"),
    BadFile("comma at the end", file(#"{"__metadata__":{},}"#), says: "expected '\"'"),
    BadFile(
      "a tensor twice", file("{\"t\":{\(one):[0,4]},\"t\":{\(one):[4,8]}}", data: 8), says: "key 't' stands twice"),
    BadFile("a field twice", tensor("\(one):[0,4],\"shape\":[4]", data: 4), says: "key 'shape' stands twice"),
    BadFile("metadata twice", file(#"{"__metadata__":{},"__metadata__":{}}"#), says: "'__metadata__' stands twice"),
    BadFile("metadata key twice", file(#"{"__metadata__":{"a":"","\u0061":""}}"#), says: "key 'a' stands twice"),
    BadFile("metadata number", file(#"{"__metadata__":{"a":1}}"#), says: "byte 29", "expected '\"'"),
    BadFile("tensor number", file(#"{"t":1}"#), says: "expected '{'"),
    BadFile("unknown field", tensor("\(one):[0,4],\"more\":1", data: 4), says: "unknown field 'more'"),
    BadFile(
      "unknown dtype", tensor(#""dtype":"F31","shape":[1],"data_offsets":[0,8]"#), says: "dtype 'F31' is unknown"),
    BadFile("no dtype", tensor(#""shape":[2],"data_offsets":[0,8]"#), says: "'t' lacks a dtype"),
    BadFile("three offsets", tensor("\(one):[0,4,8]"), says: "two data_offsets"),
    bad("negative extent", shape: "-2", says: "").saying("expected a whole number"),
    bad("extent with a fraction", shape: "2.0", says: "").saying("expected ']'"),
    bad("extent with a zero in front", shape: "02", says: "").saying("expected a whole number"),
    bad("extent 2^63", shape: "9223372036854775808", says: "").saying("expected a whole number"),
    bad("product overflows", shape: "4611686018427387904,4611686018427387904", says: "does not fill"),
    bad("product overflows to the right size", shape: "2305843009213693953,2", says: "does not fill"),
    bad("product too large", shape: "3", says: "has 8 bytes"),
    bad("product too small", shape: "1", says: "has 8 bytes"),
    bad("gap in front", shape: "1", offsets: "4,8", says: "begins at data offset 4, expected 0"),
    bad("backwards", shape: "0", offsets: "8,0", says: "begins at data offset 8"),
    bad("beyond the end", shape: "4", offsets: "0,16", says: "ends at data offset 16, but there are 8"),
    bad("offset 2^63 − 1", shape: "2", offsets: "0,9223372036854775807", says: "but there are 8"),
    BadFile("data left over", tensor("\(one):[0,4]"), says: "4 bytes of data belong to no tensor"),
    BadFile(
      "overlap", file("{\"t\":{\(one):[0,4]},\"u\":{\(one):[2,6]}}", data: 6), says: "'u' begins at data offset 2"),
    BadFile("gap", file("{\"t\":{\(one):[0,4]},\"u\":{\(one):[6,10]}}", data: 10), says: "'u'", "expected 4"),
    BadFile(
      "half a byte", tensor(#""dtype":"F4","shape":[3],"data_offsets":[0,1]"#, data: 1), says: "'t'", "does not fill"),
    BadFile("control character", file("{\"__metadata__\":{\"a\n\":\"\"}}"), says: "control character"),
    BadFile("unknown escape", file(#"{"__metadata__":{"\x":""}}"#), says: "unknown escape"),
    BadFile("half a surrogate", file(#"{"__metadata__":{"\ud83d":""}}"#), says: "surrogate"),
    BadFile("second half alone", file(#"{"__metadata__":{"\ude00":""}}"#), says: "surrogate"),
    BadFile("two first halves", file(#"{"__metadata__":{"\ud83d\ud83d":""}}"#), says: "surrogate"),
    BadFile("short escape", file(#"{"__metadata__":{"\u00"#), says: "hexadecimal"),
    BadFile("deep nesting", file("{\"t\":" + String(repeating: "[", count: 100_000)), says: "expected '{'"),
  ]
}

extension BadFile {
  /// The same file, of which the error says `words` instead.
  fileprivate func saying(_ words: String) -> BadFile { BadFile(what, bytes, says: words) }
}
