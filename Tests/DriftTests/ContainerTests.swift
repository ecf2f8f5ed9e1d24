import Foundation
import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbVerdicts

/// Folders whose matrices are kept in several tensors (`Tests/Fixtures/containers.py`): the numbers that each container's library makes
/// of random bits, and what transformers computes of them in Float64.
@Suite struct ContainerTests {
  private static let names = [
    "fp8", "ctfp8", "ctint8", "ctpack4", "ctpack3", "gptq4", "gptq8", "gptq3", "gptq2", "awq", "nf4", "fp4", "bnb8",
    "nvfp4",
    "mxfp4", "modelopt", "modeloptfp8", "mlx", "mlxmixed", "mlxfloats", "fp8moe",
  ]
  private static let tokens = [1, 7, 4, 20, 13, 9, 3, 25, 17, 30, 2, 11]

  private func path(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/quantised-\(name)").path(percentEncoded: false)
  }

  @Test(arguments: names) func everyElementIsTheLibrarys(name: String) throws {
    let transformer = try LoadedModel.open(path: path(name)).transformer
    let truth = try SafeTensors(path: "\(path(name))/exact.safetensors")
    var compared = 0
    for entry in truth.entries where entry.name != "logits" {
      let numbers = try Activation<Double>(entry, file: "exact")
      let tensor = try #require(transformer.tensors.first { $0.name == entry.name })
      #expect(tensor.shape == entry.shape)
      let decoded = Engine.decoded(tensor)
      for row in 0..<tensor.rows {
        let exact = try Reference.row(row, of: tensor)
        for column in 0..<tensor.columns {
          let number = numbers.elements[row * tensor.columns + column]
          try #require(exact[column] == Rational(exactly: number), "\(entry.name), \(row), \(column)")
          // Float32's nearest, of which the engine claims one rounding or none.
          try #require(decoded[row * tensor.columns + column] == Float(number))
          if Engine.weightRelativeError(of: tensor.type) == 0 { try #require(Double(Float(number)) == number) }
          compared += 1
        }
      }
    }
    #expect(compared >= (name == "fp8moe" ? 3 * 16 * 8 : 16 * 32 + 32 * 64))
  }

  /// Sums have at most 64 terms, and the pass some thirty steps behind one another, each of which rounds by 2⁻⁵³.
  @Test(arguments: names) func theExactPassIsTransformers(name: String) throws {
    let transformer = try LoadedModel.open(path: path(name)).transformer
    let truth = try SafeTensors(path: "\(path(name))/exact.safetensors")
    let logits = try Activation<Double>(try #require(truth["logits"]), file: "exact")
    var exact: Activation<Ball>?
    try Reference.TensorPass(transformer, precision: 256).run(Self.tokens) {
      if $0 == ActivationName(.logits) { exact = $1 }
    }
    let balls = try #require(exact).elements
    let scale = try #require(logits.elements.map(\.magnitude).max())
    for (number, ball) in zip(logits.elements.suffix(balls.count), balls) {
      let distance = (try #require(Rational(exactly: number)) - ball.midpoint).magnitude + ball.radius
      #expect(distance.doubleRoundedUp / scale < 1e-12)
    }
  }

  @Test(arguments: names) func theEngineIsWithin(name: String) throws {
    let transformer = try LoadedModel.open(path: path(name)).transformer
    let trace = try EngineTrace.record(transformer, Self.tokens)
    let verdicts = try LocalVerdicts(transformer, trace, of: trace.order)
    for name in trace.order { #expect(verdicts.drifts[name]?.verdict == .within, "\(name)") }
  }
}
