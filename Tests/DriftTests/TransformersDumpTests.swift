import Foundation
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

@testable import PlumbGrading

/// Dumps that transformers made of a sound pass (`Tests/Fixtures/tiny-llama`), in the forms in which people have them.
@Suite struct TransformersDumpTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/tiny-llama").path(percentEncoded: false)
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func numbers(_ file: String) throws -> [(name: String, x: Activation<Double>)] {
    try SafeTensors(path: "\(Self.folder)/\(file)").entries.map { entry in
      let x =
        entry.type == .f64
        ? try Activation<Double>(entry, file: file) : try Activation<Float>(entry, file: file).map { Double($0) }
      return (entry.name, x)
    }
  }

  private func measurement(
    _ tensors: [(name: String, x: Activation<Double>)], isWide: Bool = false, arithmetic: ArithmeticModel? = nil
  ) throws -> GradeMeasurement {
    var writer = SafeTensorsWriter()
    for (name, x) in tensors {
      if isWide {
        writer.add(name, shape: x.shape, x.elements)
      } else {
        writer.add(name, shape: x.shape, x.elements.map { Float($0) })
      }
    }
    let model = try LoadedModel.open(path: Self.folder)
    let file = try SafeTensors(bytes: WeightArray(writer.bytes()), file: "dump")
    let dump = try ActivationDump(file, path: "dump", model: model, tokens: Self.tokens)
    return GradeMeasurement(model: model, dump: dump, arithmetic: arithmetic)
  }

  private func report(
    _ tensors: [(name: String, x: Activation<Double>)], isWide: Bool = false, arithmetic: ArithmeticModel? = nil
  ) throws -> GradeReport {
    try measurement(tensors, isWide: isWide, arithmetic: arithmetic).report(isCumulative: false).report
  }

  @Test func theLastHiddenStateIsTheFinalNorm() throws {
    let all = try numbers("hidden-states.safetensors")
    let report = try report(all)
    #expect(report.verdict == .within && report.notes.isEmpty)
    #expect(report.activations.map(\.name) == ["embedding", "blocks.0.feed-forward-residual", "final-norm", "logits"])
    // A part of them is read alike, and the norm's own name beside it.
    let ends = all.filter { $0.name == "hidden_states.0" || $0.name == "hidden_states.2" }
    #expect(try self.report(ends).activations.map(\.name) == ["embedding", "final-norm"])
    let norm = try #require(all.first { $0.name == "hidden_states.2" })
    let both = try self.report(all + [(name: "model.norm", x: norm.x), (name: "last_hidden_state", x: norm.x)])
    #expect(both.verdict == .within && both.activations.count == 4)
    // A wrong one is not.
    let wrong = all.map { $0.name == "hidden_states.2" ? (name: $0.name, x: $0.x.map { $0 * 1.01 }) : $0 }
    #expect(try self.report(wrong).firstCause?.name == "final-norm")
  }

  @Test(arguments: [[3, 12, 16], [3, 1, 12, 16], [1, 3, 12, 16]])
  func stackedHiddenStatesAreTaken(_ shape: [Int]) throws {
    let all = try numbers("hidden-states.safetensors")
    let states = all.filter { $0.name.hasPrefix("hidden_states") }.sorted { $0.name < $1.name }
    let stack = Activation(shape: shape, elements: states.flatMap(\.x.elements))
    let report = try report([(name: "hidden_states", x: stack)])
    #expect(report.verdict == .within)
    #expect(report.activations.map(\.name) == ["embedding", "blocks.0.feed-forward-residual", "final-norm"])
    #expect(report.activations.map(\.tensor) == ["hidden_states[0]", "hidden_states[1]", "hidden_states[2]"])
  }

  @Test func aStackOfAnotherHeightIsNone() throws {
    let all = try numbers("hidden-states.safetensors")
    let stack = Activation(shape: [2, 12, 16], elements: [Double](repeating: 0, count: 384))
    let report = try report(all + [(name: "hidden_states", x: stack)])
    #expect(report.verdict == .within && report.notes.contains { $0.contains("such as 'hidden_states'") })
  }

  /// Whatever is computed more accurately than the arithmetic asks is within, in Float64 and rounded to Float32 once.
  @Test(arguments: [true, false]) func aPassInFloat64IsWithin(isWide: Bool) throws {
    let all = try numbers("float64.safetensors")
    let report = try report(all, isWide: isWide)
    #expect(report.verdict == .within && report.arithmetic == "f32")
    #expect(report.activations.count == 37)
    let note = isWide ? "are in Float64" : "looks rounded to f32"
    #expect(report.notes.contains { $0.contains(note) }, "\(report.notes)")
    // The rows of the embedding are Float32s, and transformers computes softmax in Float32 whatever the rest is in.
    #expect(report.activations.count { $0.storage == "f64" } == (isWide ? 34 : 0))
    #expect(try measurement(all, isWide: isWide).finding().drift.verdict == .within)
    // Who says that the engine had the dump's very numbers is held to it, unless the file shows otherwise.
    let sharp = try self.report(all, isWide: isWide, arithmetic: .f32)
    #expect(sharp.verdict == (isWide ? .within : .outside))
  }

  /// A bug is found where it is, not at the first sum whose inputs were rounded.
  @Test(arguments: [true, false]) func aBugOfAPassInFloat64IsFound(isWide: Bool) throws {
    let spoilt = try numbers("float64.safetensors").map { name, x in
      var x = x
      if name == "model.layers.1.mlp.act_fn" { x.elements[7] *= 1 + 0x1p-18 }
      return (name: name, x: x)
    }
    let measurement = try measurement(spoilt, isWide: isWide)
    let (report, failure) = try measurement.report(isCumulative: false)
    #expect(report.firstCause?.name == "blocks.1.activated-gate")
    #expect(report.activations.filter { $0.local.verdict == .outside }.map(\.name).first == "blocks.1.activated-gate")
    #expect(failure?.isAsComputed == false)
    #expect(measurement.finding().name.description == "blocks.1.activated-gate")
    #expect(measurement.finding(of: ActivationName(block: 1, .activatedGate)).drift.verdict == .outside)
  }
}
