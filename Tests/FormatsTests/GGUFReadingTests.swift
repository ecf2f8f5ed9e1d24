import PlumbFormats
import PlumbModel
import Testing

@Suite struct GGUFReadingTests {
  @Test(arguments: [2, 3]) func bothVersionsReadTheSame(_ version: UInt32) throws {
    var writer = TinyLlama.writer()
    writer.version = version
    let file = try writer.read()
    #expect(file.version == Int(version))
    #expect(file.tensors.map(\.name) == writer.tensors.map(\.name))
  }

  @Test func everyValueTypeIsRead() throws {
    var writer = GGUFWriter()
    let minusTwo: [UInt8] = [0xfe] + [UInt8](repeating: 0xff, count: 7)
    let expected: [(type: UInt32, bytes: [UInt8], value: GGUFValue, array: GGUFValue)] = [
      (0, Array(minusTwo[..<1]), .integer(254), .integers([254, 254])),
      (1, Array(minusTwo[..<1]), .integer(-2), .integers([-2, -2])),
      (2, Array(minusTwo[..<2]), .integer(65_534), .integers([65_534, 65_534])),
      (3, Array(minusTwo[..<2]), .integer(-2), .integers([-2, -2])),
      (4, Array(minusTwo[..<4]), .integer(4_294_967_294), .integers([4_294_967_294, 4_294_967_294])),
      (5, Array(minusTwo[..<4]), .integer(-2), .integers([-2, -2])),
      (6, [0, 0, 0xc0, 0x3f], .float32(1.5), .floats([1.5, 1.5])),
      (7, [1], .bool(true), .bools([true, true])),
      (8, GGUFWriter.text("né"), .string("né"), .strings(["né", "né"])),
      (10, [1, 0, 0, 0, 0, 0, 0, 0x40], .integer((1 << 62) + 1), .integers([(1 << 62) + 1, (1 << 62) + 1])),
      (11, minusTwo, .integer(-2), .integers([-2, -2])),
      (12, [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], .float64(1.5), .floats([1.5, 1.5])),
    ]
    for (type, bytes, _, _) in expected {
      writer.set("one \(type)", .raw(type: type, bytes))
      writer.set("two \(type)", .raw(type: 9, littleEndian(type) + littleEndian(UInt64(2)) + bytes + bytes))
    }
    writer.set("huge", .raw(type: 10, minusTwo))
    let values = try writer.read().metadata.values
    for (type, _, value, array) in expected {
      #expect(values["one \(type)"] == value)
      #expect(values["two \(type)"] == array)
    }
    #expect(values["huge"] == .hugeInteger(.max - 1))
  }

  /// The sizes are those of `GGML_QUANT_SIZES` in the Python package `gguf` 0.19.
  @Test(arguments: [
    (TensorType.f32, 1, 4), (.f16, 1, 2), (.bf16, 1, 2), (.q4_0, 32, 18), (.q4_1, 32, 20), (.q5_0, 32, 22),
    (.q5_1, 32, 24), (.q8_0, 32, 34), (.q4_K, 256, 144), (.q5_K, 256, 176), (.q6_K, 256, 210),
    (.q2_K, 256, 84), (.q3_K, 256, 110), (.iq4_NL, 32, 18), (.iq4_XS, 256, 136), (.mxfp4, 32, 17), (.f64, 1, 8),
  ])
  func everyTypeIsReadWhereItLies(_ type: TensorType, elements: Int, size: Int) throws {
    let data = (0..<6 * size).map { UInt8(truncatingIfNeeded: $0 * 7 + 1) }
    var writer = GGUFWriter()
    writer.alignment = 64
    writer.set("general.alignment", .uint32(64))
    writer.add("before", [3], [1, 2, 3])
    writer.add("middle", type, [3, 2 * elements], data)
    writer.add("after", [1], [4])
    let tensor = try writer.read().tensors[1]
    #expect(tensor.shape == [3, 2 * elements])
    #expect(tensor.byteCount == data.count)
    // Sound: the bytes are copied while they are lent.
    #expect(unsafe tensor.withUnsafeBytes { unsafe Array($0) } == data)
  }

  @Test func tensorsMayLieInAnyOrder() throws {
    var writer = GGUFWriter()
    writer.add("second", [8], [Float](repeating: 1, count: 8))
    writer.add("first", [8], [Float](repeating: 2, count: 8))
    writer.change("second") { $0.offset = 32 }
    writer.change("first") { $0.offset = 0 }
    // Sound: the byte is copied while it is lent.
    let signs = try writer.read().tensors.map { unsafe $0.withUnsafeBytes { unsafe $0[3] } }
    #expect(signs == [0x40, 0x3f])
  }
}
