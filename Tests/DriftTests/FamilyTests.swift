import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbGolden
@testable import PlumbVerdicts

/// Tiny models of each family that transformers made (`Tests/Fixtures/families.py`), beside what it computes in Float64.
@Suite struct FamilyTests {
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func path(_ family: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/tiny-\(family)").path(percentEncoded: false)
  }

  /// The greatest distance of transformers' Float64 hidden states and last logits from the exact ones of `transformer`, in parts
  /// of each tensor's greatest magnitude.
  private func distance(_ transformer: Transformer, from family: String) throws -> Double {
    let plan = transformer.plan
    var exact: [ActivationName: Activation<Ball>] = [:]
    try Reference.TensorPass(transformer, precision: 256).run(Self.tokens) { exact[$0] = $1 }
    let entries = try SafeTensors(path: "\(path(family))/float64.safetensors").entries
    #expect(entries.count == plan.blocks.count + 2)
    var greatest = 0.0
    for entry in entries {
      let found = try Activation<Double>(entry, file: "float64")
      var name = ActivationName(.logits)
      if entry.name.hasPrefix("hidden_states."), let index = Int(entry.name.dropFirst("hidden_states.".count)) {
        // The last is taken behind the final norm.
        name = index == plan.blocks.count ? ActivationName(.finalNorm) : plan.streams[index]
      }
      let right = try #require(exact[name]).elements
      let elements = found.elements.suffix(right.count)
      let scale = try #require(elements.map(\.magnitude).max())
      for (a, b) in zip(elements, right) {
        let distance = (try #require(Rational(exactly: a)) - b.midpoint).magnitude + b.radius
        greatest = max(greatest, distance.doubleRoundedUp / scale)
      }
    }
    return greatest
  }

  /// Only roundings of 2⁻⁵³ lie between the two: one unit in the last place of a Float32 parameter, 2⁻²³ of it, moves the pass a
  /// thousand times farther than they do.
  @Test(arguments: ["mistral", "qwen2", "qwen3"])
  func theExactPassIsTransformers(family: String) throws {
    let model = try LoadedModel.open(path: path(family))
    #expect(model.architecture == family)
    let other = model.transformer.editing { block in
      block.editAttention { mixer in
        guard let rotary = mixer.rotary else { return }
        mixer.rotary?.theta = rotary.theta.nextUp
      }
    }
    let (own, moved) = (try distance(model.transformer, from: family), try distance(other, from: family))
    #expect(own * 1000 < moved, "\(own), \(moved)")
  }

  /// The engine on it is within its bounds everywhere.
  @Test(arguments: ["mistral", "qwen2", "qwen3"])
  func theEngineIsWithin(family: String) throws {
    let transformer = try LoadedModel.open(path: path(family)).transformer
    let trace = try EngineTrace.record(transformer, Self.tokens)
    let verdicts = try LocalVerdicts(transformer, trace, of: trace.order)
    for name in trace.order { #expect(verdicts.drifts[name]?.verdict == .within, "\(name)") }
  }
}
