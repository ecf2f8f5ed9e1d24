import Foundation
import PlumbFormats
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbGrading

/// A dump of llama.cpp's of a file whose matrices are of thirteen types (`Tests/Fixtures/tiny-quantised`).
@Suite struct QuantisedDumpTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-quantised").path(percentEncoded: false)

  /// The grade of the dump, of which `change` changes the tensor `name`.
  private func report(
    _ arithmetic: String, changing name: String = "", _ change: (inout [Float]) -> Void = { _ in }
  ) throws -> GradeReport {
    var writer = SafeTensorsWriter()
    for entry in try SafeTensors(path: "\(Self.folder)/llama.safetensors").entries {
      var tensor = try Activation<Float>(entry, file: "dump")
      if entry.name == name { change(&tensor.elements) }
      writer.add(entry.name, shape: tensor.shape, tensor.elements)
    }
    let model = try LoadedModel.open(path: "\(Self.folder)/model.gguf")
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: [1, 5, 2, 7])
    let measurement = GradeMeasurement(
      model: model, dump: dump, arithmetic: try ArithmeticModel(parsing: arithmetic))
    return try measurement.report(isCumulative: false).report
  }

  @Test func everyProductIsWithinInBothSenses() throws {
    for sense in ["", ",steps=stored"] {
      let report = try report("f32,activations=ggml\(sense)")
      #expect(report.verdict == .within && report.activations.count == 35, "\(sense): \(report.verdict)")
    }
  }

  @Test(arguments: ["f32", "f32,activations=q8_0,steps=stored", "f32,activations=q8_k,steps=stored"])
  func anotherQuantiserIsOutside(arithmetic: String) throws {
    let report = try report(arithmetic)
    #expect(report.verdict == .outside)
    let outside = report.activations.filter { $0.drift.local.verdict == .outside }
    #expect(outside.allSatisfy { ["linear", "unembedding"].contains($0.drift.layer) })
    #expect(outside.count >= 3)
  }

  /// A thousandth of one element is more than the replayed quantiser allows, and less than the unquantised values do; six times as
  /// much as the element is more than either.
  @Test(arguments: [
    "Qcur-0 (before rope)", "Vcur-0", "ffn_gate-0", "Vcur-1", "ffn_gate-1", "ffn_up-1", "result_output",
  ])
  func aChangeIsSeen(tensor: String) throws {
    func verdict(_ arithmetic: String, by factor: Float) throws -> Verdict? {
      let report = try report(arithmetic, changing: tensor) { elements in
        // The greatest of the last token's, which is no difference of great terms; of logits only these are judged.
        let last = elements.indices.suffix(elements.count / 4)
        let greatest = last.max { elements[$0].magnitude < elements[$1].magnitude } ?? 0
        elements[greatest] *= factor
      }
      return report.activations.first { $0.tensor == tensor }?.drift.local.verdict
    }
    #expect(try verdict("f32,activations=ggml", by: 1.001) == .within)
    #expect(try verdict("f32,activations=ggml,steps=stored", by: 1.001) == .outside)
    #expect(try verdict("f32,activations=ggml", by: 6) == .outside)
  }

  @Test func ordersAndFlushingAreRefused() throws {
    for option in ["order=sequence", "flush-to-zero"] {
      let model = try LoadedModel.open(path: "\(Self.folder)/model.gguf")
      let error = #expect(throws: ArithmeticError.self) {
        try GradeMeasurement.reading(
          "\(Self.folder)/llama.safetensors", of: model, tokens: [1, 5, 2, 7],
          arithmetic: "f32,activations=ggml,\(option)", names: nil)
      }
      #expect(try #require(error).problem.contains("leave out 'order='"))
    }
  }
}
