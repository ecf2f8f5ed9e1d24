import Foundation
import PlumbCases
import PlumbFormats
import PlumbModel
import PlumbVerdicts
import Testing

/// Cases as safetensors: what reads back, what converts, and what is refused.
@Suite struct CaseFileTests {
  private static let pairs = LayerKind.allCases.flatMap { layer in Strategy.allCases.map { (layer, $0) } }

  private func read(
    _ writer: SafeTensorsWriter, layer: LayerKind? = nil, attributes: [String: String] = [:]
  ) throws -> LayerCase {
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "case")
    return try LayerCase(file, name: "case", layer: layer, attributes: attributes)
  }

  private func problem(_ body: () throws -> LayerCase) -> String {
    do {
      _ = try body()
      return ""
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: pairs) func aFileReadsBackAsItsCase(layer: LayerKind, strategy: Strategy) throws {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 11)
    for number in 0..<3 {
      let input = generator.makeCase(number)
      let again = try read(input.safeTensors())
      // Lines rather than cases are compared: a NaN is a NaN, and −0 is not 0.
      #expect(
        CaseLine(LayerCase(layer: layer, tensors: again.tensors)).text
          == CaseLine(LayerCase(layer: layer, tensors: input.tensors)).text)
      for slot in Catalogue.signature(of: layer).attributes {
        #expect(again.attributes[slot.name] == input.attributes[slot.name] ?? slot.defaultValue)
      }
    }
  }

  /// Written by the format's own Python library, with PyTorch: F16, BF16, F64, I32, and metadata that mean nothing here.
  @Test func filesOfOthersAreReadExactly() throws {
    let linear = try file(
      """
      4AAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJsYXllciI6ImxpbmVhciIsImZvcm1hdCI6InB0In0sImJpYXMiOnsiZHR5cGUiOiJGNjQiLCJzaGFw\
      ZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfSwid2VpZ2h0Ijp7ImR0eXBlIjoiQkYxNiIsInNoYXBlIjpbMSwyXSwiZGF0YV9vZmZzZXRzIjpb\
      OCwxMl19LCJ4Ijp7ImR0eXBlIjoiRjE2Iiwic2hhcGUiOlsyLDJdLCJkYXRhX29mZnNldHMiOlsxMiwyMF19fQAAAAAAAOA/gD9AwAA+//sBAGYu
      """)
    let input = try LayerCase(linear, name: "linear")
    #expect(input.layer == .linear)
    #expect(input.tensors["x"] == .real(Activation(shape: [2, 2], elements: [1.5, -65504, 0x1p-24, 0.0999755859375])))
    #expect(input.tensors["weight"] == .real(Activation(shape: [1, 2], elements: [1, -3])))
    #expect(input.tensors["bias"] == .real(Activation(shape: [1], elements: [0.5])))
    let embedding = try file(
      """
      gAAAAAAAAAB7IndlaWdodCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMywxXSwiZGF0YV9vZmZzZXRzIjpbMCwxMl19LCJ0b2tlbnMiOnsiZHR5\
      cGUiOiJJMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlsxMiwyMF19fSAgICAgIAAAgD8AAABAAACAQAIAAAAAAAAA
      """)
    let lookup = try LayerCase(embedding, name: "embedding", layer: .embedding)
    #expect(lookup.tensors["tokens"] == .integer(Activation(shape: [2], elements: [2, 0])))
    #expect(problem { try LayerCase(embedding, name: "nameless") }.contains("names no 'layer'"))
  }

  private func file(_ base64: String) throws -> SafeTensors {
    let data = try #require(Data(base64Encoded: base64))
    return try SafeTensors(bytes: WeightArray(Array(data)), file: "fixture")
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func everyBinary16HasItsValue() throws {
      var writer = SafeTensorsWriter()
      let bytes = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
      writer.add("x", .f16, shape: [1, 65536], bytes: bytes)
      guard case .real(let x)? = try read(writer, layer: .relu).tensors["x"] else {
        Issue.record("no tensor of numbers")
        return
      }
      for (pattern, value) in x.elements.enumerated() {
        let expected = Float(Float16(bitPattern: UInt16(pattern)))
        #expect(value.bitPattern == expected.bitPattern || (value.isNaN && expected.isNaN))
      }
    }
  #endif

  @Test func aFloat64ThatNoFloat32IsIsRefused() throws {
    func reading(_ values: Double...) -> String {
      var writer = SafeTensorsWriter()
      writer.add("x", shape: [1, values.count], values)
      return problem { try read(writer, layer: .relu) }
    }
    #expect(reading(0.5, -0x1p-149, .greatestFiniteMagnitude * .infinity, .nan, -0.0).isEmpty)
    #expect(reading(0.5, 0.1).contains("element 1 is 0x1.999999999999ap-4"))
    #expect(reading(0x1p128).contains("element 0"))
    #expect(reading(0x1p-150).contains("element 0"))
  }

  @Test func whatDoesNotFitIsNamedWithWhatWasExpected() throws {
    var writer = SafeTensorsWriter()
    writer.add("x", shape: [1, 2], [1, 2] as [Float])
    #expect(problem { try read(writer) }.contains("names no 'layer'"))
    #expect(problem { try read(writer, layer: .rmsNorm, attributes: ["eps": "1"]) }.contains("only epsilon, addsOne"))
    #expect(
      problem { try read(writer, layer: .rmsNorm, attributes: ["epsilon": "one"]) }
        .contains("'epsilon' is 'one', expected a number"))
    #expect(problem { try read(writer, layer: .embedding) }.contains("takes no tensor 'x', only tokens [tokens]"))
    writer.metadata["layer"] = "relu"
    #expect(try read(writer).layer == .relu)
    #expect(problem { try read(writer, layer: .gelu) }.contains("a case of relu, expected one of gelu"))
    writer.metadata["attribute.scale"] = "2"
    #expect(problem { try read(writer) }.contains("no attribute 'scale', it takes none"))
    writer.metadata["layer"] = "convolution"
    #expect(problem { try read(writer) }.contains("'convolution'; there are embedding"))

    var wrong = SafeTensorsWriter()
    wrong.add("x", shape: [1, 2], [1, 2] as [Int])
    #expect(problem { try read(wrong, layer: .relu) }.contains("'x' holds I64 elements, expected F32"))
    var tokens = SafeTensorsWriter()
    tokens.add("tokens", shape: [1], [1] as [Float])
    #expect(problem { try read(tokens, layer: .embedding) }.contains("'tokens' holds F32 elements, expected I64"))
    var empty = SafeTensorsWriter()
    empty.add("x", .f32, shape: [1 << 40, 0], bytes: [])
    #expect(problem { try read(empty, layer: .relu) }.contains("is empty, and too long"))
  }

  @Test func attributesGivenReplaceThoseOfTheFile() throws {
    var writer = SafeTensorsWriter()
    writer.metadata = ["layer": "rms-norm", "attribute.epsilon": "0.5", "attribute.addsOne": "true"]
    let input = try read(writer, attributes: ["epsilon": "0x1p-3"])
    #expect(input.attributes == ["epsilon": .real(0.125), "addsOne": .flag(true)])
    // The digits are those of the Float32, whether they are read as Float32 or as Float64.
    #expect(AttributeValue.real(1e-5).text == "9.999999747378752e-06")
    #expect(AttributeValue("9.999999747378752e-06", like: .real(0)) == .real(1e-5))
  }
}
