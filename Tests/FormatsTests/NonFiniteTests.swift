import PlumbFormats
import PlumbModel
import Testing

/// NaN and infinity among the weights: refused, by tensor and element.
@Suite struct NonFiniteTests {
  /// A place where a number is stored, and bit patterns that are no number.
  struct Place: Sendable, CustomTestStringConvertible {
    let type: TensorType
    /// From the start of a block.
    let offset: Int
    let bad: [[UInt8]]
    let greatest: [UInt8]
    var testDescription: String { "\(type.label) at byte \(offset)" }

    /// Infinity, minus infinity, a quiet and a signalling NaN.
    static func half(_ type: TensorType, _ offset: Int) -> Place {
      Place(
        type: type, offset: offset, bad: [[0, 0x7c], [0, 0xfc], [0, 0x7e], [1, 0x7c]], greatest: [0xff, 0x7b])
    }
  }

  static let places = [
    Place(
      type: .f32, offset: 0, bad: [[0, 0, 0x80, 0x7f], [0, 0, 0x80, 0xff], [0, 0, 0xc0, 0x7f], [1, 0, 0x80, 0x7f]],
      greatest: [0xff, 0xff, 0x7f, 0x7f]),
    Place(
      type: .bf16, offset: 0, bad: [[0x80, 0x7f], [0x80, 0xff], [0xc0, 0x7f], [0x81, 0x7f]], greatest: [0x7f, 0x7f]),
    .half(.f16, 0), .half(.q4_0, 0), .half(.q4_1, 0), .half(.q4_1, 2), .half(.q5_0, 0), .half(.q5_1, 0),
    .half(.q5_1, 2), .half(.q8_0, 0), .half(.q4_K, 0), .half(.q4_K, 2), .half(.q5_K, 0), .half(.q5_K, 2),
    .half(.q6_K, 208), .half(.q2_K, 80), .half(.q2_K, 82), .half(.q3_K, 108), .half(.iq4_NL, 0), .half(.iq4_XS, 0),
    Place(type: .mxfp4, offset: 0, bad: [[255, 0], [254, 0x04], [254, 0xC0], [253, 0x0F]], greatest: [252, 0x77]),
  ]

  @Test(arguments: places) func isFound(_ place: Place) throws {
    let size = place.type.bytesPerBlock
    let perRow = 512 / place.type.elementsPerBlock
    // More blocks than are looked at in one go, so that the joints between the goes are met.
    let rows = place.type == .f32 ? 20 : 4
    for (block, bad) in zip([0, 1, perRow, rows * perRow - 1], place.bad) {
      // 0x11 is finite wherever it stands.
      var data = [UInt8](repeating: 0x11, count: rows * perRow * size)
      let start = block * size + place.offset
      data.replaceSubrange(start..<start + bad.count, with: bad)
      let element = block * place.type.elementsPerBlock
      try expectRefused(place.type, [rows, 512], data, says: "element \(element) (row \(element / 512), column")
    }
  }

  @Test(arguments: places) func theGreatestFiniteNumberIsAccepted(_ place: Place) throws {
    var data = [UInt8](repeating: 0x11, count: 2 * 512 / place.type.elementsPerBlock * place.type.bytesPerBlock)
    data.replaceSubrange(place.offset..<place.offset + place.greatest.count, with: place.greatest)
    #expect(throws: Never.self) { try model(place.type, [2, 512], data).read().transformer() }
  }

  /// Float64s beyond Float32, and those that it would round by more than its precision, count as none.
  @Test(arguments: [
    (Double.nan, false), (.infinity, false), (0x1p128, false), (-0x1.ffffffp127, false), (0x1.ffffffp-127, false),
    (0x1p-1074, false), (0x1.fffffep127, true), (0x1.fffffeffp127, true), (-0x1.000000001p-126, true), (0x1p-126, true),
    (0x1p-149, true), (-0.0, true), (0x1.fffffcp-127, true),
  ])
  func aFloat64ThatFloat32CannotRoundIsFound(number: Double, isAccepted: Bool) throws {
    var numbers = [Double](repeating: 1.0000000001, count: 1024)
    numbers[700] = number
    let data = numbers.flatMap { littleEndian($0.bitPattern) }
    if isAccepted {
      #expect(throws: Never.self) { try model(.f64, [2, 512], data).read().transformer() }
    } else {
      try expectRefused(.f64, [2, 512], data, says: "element 700 (row 1, column 188)")
    }
  }

  @Test func aBadBiasIsFound() throws {
    var writer = TinyLlama.writer()
    writer.add("blk.0.attn_k.bias", [4], [1, 2, 3, -.infinity])
    do {
      _ = try writer.read().transformer()
      Issue.record("was accepted")
    } catch { #expect("\(error)".contains("tensor 'blk.0.attn_k.bias' holds NaN or infinity at element 3")) }
  }

  private func expectRefused(_ type: TensorType, _ shape: [Int], _ data: [UInt8], says words: String) throws {
    do {
      _ = try model(type, shape, data).read().transformer()
      Issue.record("was accepted")
    } catch {
      #expect(
        "\(error)".contains("tensor 'token_embd.weight' holds NaN") && "\(error)".contains(" at \(words)"), "\(error)")
    }
  }

  /// A model whose embedding is `data`: hidden 512, one head of 2, everything else small.
  private func model(_ type: TensorType, _ shape: [Int], _ data: [UInt8]) -> GGUFWriter {
    var writer = GGUFWriter()
    writer.set("general.architecture", .string("llama"))
    for (key, value) in [
      ("block_count", 1), ("context_length", 4), ("embedding_length", 512), ("attention.head_count", 1),
      ("attention.key_length", 2),
    ] as [(String, UInt32)] { writer.set("llama.\(key)", .uint32(value)) }
    writer.set("llama.attention.layer_norm_rms_epsilon", .float32(1e-5))
    writer.add("token_embd.weight", type, shape, data)
    func add(_ name: String, _ shape: [Int]) {
      writer.add("\(name).weight", shape, [Float](repeating: 1, count: shape.reduce(1, *)))
    }
    for name in ["attn_q", "attn_k", "attn_v", "ffn_gate", "ffn_up"] { add("blk.0.\(name)", [2, 512]) }
    for name in ["attn_output", "ffn_down"] { add("blk.0.\(name)", [512, 2]) }
    for name in ["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"] { add(name, [512]) }
    return writer
  }
}
