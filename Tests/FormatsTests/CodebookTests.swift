import Foundation
import PlumbExact
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbFormats

/// GGUF tensors that are read as the numbers that they stand for, against `Tests/Fixtures/codebook-blocks.txt`, which the package gguf made.
@Suite struct CodebookTests {
  private struct Block {
    let bytes: [UInt8]
    /// In units of 2⁻²⁷.
    let numbers: [Int]
  }

  private func blocks(_ type: CodebookType) throws -> [Block] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/codebook-blocks.txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t")
      guard fields.first == Substring(type.label) else { return nil }
      let digits = Array(fields[1].utf8)
      let bytes = try stride(from: 0, to: digits.count, by: 2).map {
        try #require(UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16))
      }
      return Block(bytes: bytes, numbers: try fields[2].split(separator: " ").map { try #require(Int($0)) })
    }
  }

  private func file(_ type: CodebookType, _ shape: [Int], _ data: [UInt8], scale: [Float]? = nil) throws(ModelError)
    -> GGUFFile
  {
    var writer = GGUFWriter()
    writer.tensors.append(
      .init(name: "x.weight", type: type.rawValue, extents: shape.reversed().map(UInt64.init), data: data))
    if let scale { writer.add("x.scale", [scale.count], scale) }
    return try writer.read()
  }

  @Test(arguments: CodebookType.allCases) func everyBlockIsItsNumbers(type: CodebookType) throws {
    let blocks = try blocks(type)
    #expect(blocks.count == 4 && blocks.allSatisfy { $0.bytes.count == type.bytesPerBlock })
    // Two rows of two blocks.
    let file = try file(type, [2, 2 * type.elementsPerBlock], blocks.flatMap(\.bytes))
    let tensor = try #require(file.tensors.first)
    #expect(tensor.type == .f32 && file.made == ["x.weight"] && tensor.shape == [2, 2 * type.elementsPerBlock])
    for (index, number) in blocks.flatMap(\.numbers).enumerated() {
      let exact = try Reference.row(index / tensor.columns, of: tensor)[index % tensor.columns]
      try #require(exact == Rational(significand: Integer(number), exponent: -27), "\(index)")
    }
  }

  /// A number for all, and one for each of two matrices.
  @Test(arguments: [[Float(0.3)], [0.3, -7e-5]]) func aScaleMultipliesNVFP4(scales: [Float]) throws {
    let blocks = try blocks(.nvfp4)
    let shape = scales.count == 1 ? [4, 64] : [2, 2, 64]
    let file = try file(.nvfp4, shape, blocks.flatMap(\.bytes), scale: scales)
    #expect(file.tensors.map(\.name) == ["x.weight"])
    let tensor = try #require(file.tensors.first)
    #expect(tensor.type == .f64)
    for (index, number) in blocks.flatMap(\.numbers).enumerated() {
      let scale = try #require(Rational(exactly: scales[index / 64 / 2 % scales.count]))
      let exact = try Reference.row(index / 64, of: tensor)[index % 64]
      try #require(exact == scale * Rational(significand: Integer(number), exponent: -27))
    }
  }

  @Test(arguments: [[Float.nan], [.infinity], [0], [3e38], [1, 2]]) func aScaleThatIsNoneIsRefused(scales: [Float])
    throws
  {
    let bytes = try blocks(.nvfp4).flatMap(\.bytes)
    let error = #expect(throws: ModelError.self) { try file(.nvfp4, [4, 64], bytes, scale: scales) }
    #expect("\(try #require(error))".contains("'x.scale' holds no scales of 'x.weight'"))
  }

  /// The scale of the second block in the second row is infinite.
  @Test(arguments: CodebookType.allCases.filter { $0 != .nvfp4 }) func aScaleThatIsNoNumberIsRefused(type: CodebookType)
    throws
  {
    var blocks = try blocks(type).map(\.bytes)
    switch type {
    case .iq1_M:
      for (index, nibble) in [0x00, 0x00, 0xc0, 0x70].enumerated() { blocks[3][49 + 2 * index] = UInt8(nibble) }
    case .tq1_0, .tq2_0: blocks[3].replaceSubrange(type.bytesPerBlock - 2..<type.bytesPerBlock, with: [0, 0x7c])
    default: blocks[3].replaceSubrange(0..<2, with: [0, 0x7c])
    }
    let error = #expect(throws: ModelError.self) { try file(type, [2, 512], blocks.flatMap { $0 }) }
    #expect("\(try #require(error))".contains("holds NaN or infinity at element 768 (row 1, column 256)"))
  }

  @Test func blocksThatAreCutOffAreRefused() throws {
    for type in CodebookType.allCases {
      let bytes = try blocks(type).flatMap(\.bytes).dropLast(32)
      let error = #expect(throws: ModelError.self) { try file(type, [4, type.elementsPerBlock], Array(bytes)) }
      #expect("\(try #require(error))".contains("reaches beyond the end"))
    }
  }
}
