import PlumbFormats
import PlumbModel
import Testing

/// Files that are wrong before anything in them means anything: what GGUF readers have been caught on.
@Suite struct GGUFMalformedTests {
  @Test(arguments: files) func isRefused(_ file: BadFile) {
    do {
      _ = try GGUFFile(bytes: WeightArray(file.bytes), file: "test.gguf")
      Issue.record("was read")
    } catch { file.expectSaid(by: error) }
  }

  @Test func everyTruncationIsRefused() {
    let whole = TinyLlama.writer().bytes()
    for length in Array(0..<600) + Array(stride(from: 600, to: whole.count, by: 61)) {
      #expect(throws: ModelError.self) {
        try LoadedModel(GGUFFile(bytes: WeightArray(Array(whole[..<length])), file: "test.gguf"))
      }
    }
  }

  /// No byte of the head, changed, may do worse than throw.
  @Test func everyChangedByteIsSurvived() {
    let whole = small().bytes()
    for place in whole.indices {
      for change: UInt8 in [0x01, 0x80, 0xff] {
        var bytes = whole
        bytes[place] ^= change
        _ = try? GGUFFile(bytes: WeightArray(bytes), file: "test.gguf")
      }
    }
  }

  /// One pair, two tensors.
  private static func small() -> GGUFWriter {
    var writer = GGUFWriter()
    writer.set("name", .string("x"))
    writer.add("first", [2, 4], [Float](repeating: 1, count: 8))
    writer.add("second", [8], [Float](repeating: 1, count: 8))
    return writer
  }

  private func small() -> GGUFWriter { Self.small() }

  private static func changed(_ body: (inout GGUFWriter) -> Void) -> [UInt8] {
    var writer = small()
    body(&writer)
    return writer.bytes()
  }

  /// Only the first tensor, whose offset 0 suits any alignment.
  private static func alone(_ body: (inout GGUFWriter) -> Void) -> [UInt8] {
    changed {
      $0.tensors.removeLast()
      body(&$0)
    }
  }

  private static func second(_ body: (inout GGUFWriter.Entry) -> Void) -> [UInt8] {
    changed { $0.change("second", body) }
  }

  private static let huge = UInt64(1) << 63

  private static let files: [BadFile] = [
    BadFile("empty", [], says: "byte 0", "ends inside the magic number"),
    BadFile("foreign", Array("PK\u{3}\u{4} something else".utf8), says: "not a GGUF file", "GGUF format"),
    BadFile("magic alone", Array("GGUF".utf8), says: "byte 4", "ends inside the version"),
    BadFile("version 0", changed { $0.version = 0 }, says: "byte 4", "version 0", "2 and 3"),
    BadFile("version 1", changed { $0.version = 1 }, says: "version 1", "convert"),
    BadFile("version 4", changed { $0.version = 4 }, says: "version 4", "convert"),
    BadFile("big-endian", changed { $0.version = UInt32(3).byteSwapped }, says: "big-endian"),
    BadFile(
      "2^63 tensors", changed { $0.tensorCount = huge }, says: "byte 8", "number of tensors", "9223372036854775808"),
    BadFile("−1 tensors", changed { $0.tensorCount = .max }, says: "number of tensors is 18446744073709551615"),
    BadFile("one tensor too many", changed { $0.tensorCount = 3 }, says: "tensor"),
    BadFile("2^63 keys", changed { $0.pairCount = huge }, says: "byte 16", "number of metadata keys"),
    BadFile("−1 keys", changed { $0.pairCount = .max }, says: "number of metadata keys"),
    BadFile(
      "key of length 2^63",
      Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(0))
        + littleEndian(UInt64(1)) + littleEndian(huge) + [UInt8](repeating: 0, count: 20),
      says: "byte 24", "length of metadata key 0 is 9223372036854775808"),
    BadFile(
      "string of length 2^63", changed { $0.set("s", .raw(type: 8, littleEndian(huge))) }, says: "length of key 's'"),
    BadFile(
      "string of length −1", changed { $0.set("s", .raw(type: 8, littleEndian(UInt64.max))) }, says: "length of key 's'"
    ),
    BadFile(
      "string not UTF-8", changed { $0.set("s", .raw(type: 8, littleEndian(UInt64(1)) + [0xff])) },
      says: "key 's' is not UTF-8"),
    BadFile("value type 13", changed { $0.set("s", .raw(type: 13, [])) }, says: "key 's'", "unknown value type 13"),
    BadFile("truth value 2", changed { $0.set("b", .raw(type: 7, [2])) }, says: "key 'b'", "truth value of 2"),
    BadFile(
      "array of 2^63 bytes", changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(0)) + littleEndian(huge))) },
      says: "number of elements of key 'a' is 9223372036854775808"),
    BadFile(
      "array of 2^61 doubles, 2^64 bytes",
      changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(12)) + littleEndian(UInt64(1) << 61))) },
      says: "number of elements of key 'a'"),
    BadFile(
      "array of 100 doubles, fewer bytes than that",
      changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(12)) + littleEndian(UInt64(100)))) },
      says: "number of elements of key 'a' is 100"),
    BadFile(
      "array of −1 strings", changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(8)) + littleEndian(UInt64.max))) },
      says: "number of elements of key 'a'"),
    BadFile(
      "array of a string of length 2^63",
      changed {
        $0.set(
          "a", .raw(type: 9, littleEndian(UInt32(8)) + littleEndian(UInt64(1)) + littleEndian(huge)))
      }, says: "length of key 'a' is 9223372036854775808"),
    BadFile(
      "array of strings, the last of length −1",
      changed {
        $0.set(
          "a",
          .raw(
            type: 9, littleEndian(UInt32(8)) + littleEndian(UInt64(2)) + GGUFWriter.text("x") + littleEndian(UInt64.max)
          ))
      }, says: "length of key 'a' is 18446744073709551615"),
    BadFile(
      "array of arrays",
      changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(9)) + littleEndian(UInt64(1)) + [9, 0, 0, 0])) },
      says: "key 'a'"),
    BadFile("array of type 77", changed { $0.set("a", .raw(type: 9, littleEndian(UInt32(77)))) }, says: "type 77"),
    BadFile("a key twice", changed { $0.pairs.append($0.pairs[0]) }, says: "key 'name' stands twice"),
    BadFile("alignment 0", changed { $0.set("general.alignment", .uint32(0)) }, says: "general.alignment is 0"),
    BadFile("alignment 13", changed { $0.set("general.alignment", .uint32(13)) }, says: "13, not a power of two"),
    BadFile(
      "alignment 2^31", alone { $0.set("general.alignment", .uint32(1 << 31)) }, says: "2147483648", "beyond the end"),
    BadFile(
      "alignment 2^62", alone { $0.set("general.alignment", .raw(type: 10, littleEndian(UInt64(1) << 62))) },
      says: "beyond the end"),
    BadFile(
      "alignment −32", changed { $0.set("general.alignment", .raw(type: 5, littleEndian(Int32(-32)))) },
      says: "-32, not a power of two"),
    BadFile(
      "alignment as text", changed { $0.set("general.alignment", .string("32")) }, says: "general.alignment", "a string"
    ),
    BadFile("no extents", second { $0.extents = [] }, says: "'second' has 0 extents"),
    BadFile("five extents", second { $0.extents = [1, 1, 1, 1, 1] }, says: "'second' has 5 extents", "1 to 4"),
    BadFile("extent 0", second { $0.extents = [0] }, says: "'second' has the extent 0"),
    BadFile("negative extent", second { $0.extents = [UInt64(bitPattern: -8)] }, says: "'second' has the extent -8"),
    BadFile("extent 2^62", second { $0.extents = [1 << 62] }, says: "'second'", "beyond the end"),
    BadFile(
      "extents whose product is 2^64", second { $0.extents = [1 << 32, 1 << 32] }, says: "'second'", "beyond the end"),
    BadFile(
      "extents whose product is 2^64 + 8 bytes", second { $0.extents = [1 << 31, 1 << 31, 1 << 2] },
      says: "'second'", "beyond the end"),
    BadFile(
      "sizes whose sum is 2^64 bytes",
      changed { for index in $0.tensors.indices { $0.tensors[index].extents = [1 << 61] } },
      says: "'first'", "beyond the end"),
    BadFile(
      "offset and size whose sum is 2^64 bytes",
      second { ($0.extents, $0.offset) = ([1 << 60], 3 << 62) }, says: "'second'", "13835058055282163712"),
    BadFile("one row too many", second { $0.extents = [8, 2] }, says: "'second'", "beyond the end"),
    BadFile("removed type", second { $0.type = 4 }, says: "'second'", "unknown type 4", "Q4_K"),
    BadFile("type Q8_1", second { $0.type = 9 }, says: "'second' is stored as Q8_1", "F32"),
    BadFile("type 2^32 − 1", second { $0.type = .max }, says: "unknown type 4294967295"),
    BadFile("half a block", second { $0.type = 2 }, says: "'second'", "rows of 8", "blocks of 32 (Q4_0)"),
    BadFile(
      "offset not aligned", second { $0.offset = 33 }, says: "'second'", "offset 33, not a multiple of the alignment 32"
    ),
    BadFile("offset beyond the end", second { $0.offset = 1 << 20 }, says: "'second'", "1048576", "beyond the end"),
    BadFile("offset 2^63", second { $0.offset = huge }, says: "'second'", "offset 9223372036854775808"),
    BadFile("offset 2^63 − 32", second { $0.offset = huge - 32 }, says: "'second'", "beyond the end"),
    BadFile("overlap", second { $0.offset = 0 }, says: "'first'", "'second'", "overlap"),
    BadFile("a name twice", second { $0.name = "first" }, says: "tensor 'first' stands twice"),
    BadFile(
      "a name with a line end", second { ($0.name, $0.type) = ("x\ny", 4) }, says: "'x\\u{a}y'"),
  ]
}
