import Foundation
import PlumbEngine
import PlumbModel
import PlumbTraining
import Testing

/// The training pass and the optimiser against the formulas written plainly, and these against PyTorch.
@Suite struct OracleTests {
  static let shape = LlamaShape(context: 12, blocks: 2, width: 16, heads: 4, keyValueHeads: 2, feedForward: 24)
  static let configuration = TrainingConfiguration(
    shape: shape, steps: 5, batch: 3, accumulation: 2, rate: 0.01, warmUp: 2, finalRate: 0.1, decay: 0.1, clip: 0.5,
    seed: 11)

  /// The text of `Tests/Fixtures/training.py`.
  static let text = TrainingText(
    (0..<400).map { (i: Int) -> UInt8 in
      let (letter, other): (Int, Int) = (65 + i % 26, (i * i * 7 + i / 3 * 31) % 256)
      return UInt8(i.isMultiple(of: 5) ? letter : other)
    }, heldOut: [])

  /// A step of the plain optimiser: the rounding of each stored number is that of `Number`.
  struct PlainTraining<Number: BinaryFloatingPoint> {
    var decoder: PlainDecoder<Number>
    var means, squares: [Number]
    var losses: [Double] = []
    var norms: [Double] = []

    init(isFused: Bool) {
      let weights = StartingWeights.draw(OracleTests.shape, seed: OracleTests.configuration.seed)
      decoder = PlainDecoder(OracleTests.shape, weights: weights, isFused: isFused)
      (means, squares) = (weights.map { _ in 0 }, weights.map { _ in 0 })
    }

    mutating func train() {
      let c = OracleTests.configuration
      var (power1, power2) = (1.0, 1.0)
      for step in 0..<c.steps {
        decoder.gradients = decoder.gradients.map { _ in 0 }
        var nats = 0.0
        for part in 0..<c.accumulation {
          let batch = OracleTests.text.batch(c, step: step, part: part)
          nats += decoder.addGradients(batch.inputs, batch.targets, factor: 1 / Double(c.tokensPerStep)).reduce(0, +)
        }
        losses.append(nats / Double(c.tokensPerStep))
        // In runs of 4096, each in eight lanes: the order that the engine states.
        let norm = stride(from: 0, to: means.count, by: 4096).reduce(0.0) { sum, first in
          sum + laneSum(decoder.gradients[first..<min(first + 4096, means.count)].map { Double($0) * Double($0) })
        }.squareRoot()
        norms.append(norm)
        let (rate, scale) = (c.rate(at: step), norm > c.clip ? c.clip / norm : 1)
        (power1, power2) = (power1 * 0.9, power2 * 0.95)
        let (corrected, root) = (rate / (1 - power1), (1 / (1 - power2)).squareRoot())
        for p in OracleTests.shape.parameters {
          for i in p.places {
            let g = Double(decoder.gradients[i]) * scale
            let m = Double(means[i]) * 0.9 + g * (1 - 0.9)
            let v = Double(squares[i]) * 0.95 + g * g * (1 - 0.95)
            let kept = Double(decoder.weights[i]) * (p.shape.count == 2 ? 1 - rate * c.decay : 1)
            decoder.weights[i] = Number(kept - m / (v.squareRoot() * root + 1e-8) * corrected)
            (means[i], squares[i]) = (Number(m), Number(v))
          }
        }
      }
    }
  }

  // Float64 rounds at 2⁻⁵³. An element passes through fewer than 2⁸ operations a step, and a gradient near 0, which Adam divides by its
  // own size, may lose 2¹² of that: 2⁻³³ of the weights' size of 1, a hundred thousandth of the least error of a formula in Float32.
  @Test func `the plain formulas in Float64 are PyTorch's`() throws {
    var plain = PlainTraining<Double>(isFused: true)
    plain.train()
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let lines = try String(contentsOf: folder.appending(path: "Fixtures/training.txt"), encoding: .utf8)
      .split(separator: "\n").map { $0.split(separator: " ") }
    let (steps, tensors) = (lines.filter { $0[0] == "step" }, lines.filter { $0[0] == "tensor" })
    try #require(steps.count == 5 && tensors.count == Self.shape.parameters.count)
    for (index, line) in steps.enumerated() {
      #expect(abs(plain.losses[index] - Double(line[1])!) < 0x1p-33, "step \(index)")
      #expect(abs(plain.norms[index] - Double(line[2])!) < 0x1p-33, "step \(index)")
    }
    for (p, line) in zip(Self.shape.parameters, tensors) {
      #expect(p.name == line[1])
      let own = plain.decoder.weights[p.places]
      #expect(abs(own.reduce(0, +) - Double(line[2])!) < 0x1p-33 * Double(p.count), "\(p.name)")
      for (value, word) in zip(own, line.dropFirst(3)) { #expect(abs(value - Double(word)!) < 0x1p-33, "\(p.name)") }
    }
  }

  @Test func `five steps have the bits of the plain formulas in Float32, with any number of threads`() throws {
    var plain = PlainTraining<Float>(isFused: try Engine.TrainingPass(Self.shape, sequences: 1).isFused)
    plain.train()
    for threads in [1, 3] {
      var options = Trainer.Options()
      options.threads = threads
      let (file, report) = try Trainer(Self.configuration, Self.judged, options).train(name: "t", as: .f32)
      let read = try TrainedFile(file)
      for p in Self.shape.parameters {
        #expect(read.weights(p.name) == Array(plain.decoder.weights[p.places]), "\(p.name)")
      }
      // Both are sums of the same Float64s; one was divided by ln 2.
      for (own, plain) in zip(report.losses, plain.losses) { #expect(abs(own * 0.6931471805599453 - plain) < 0x1p-48) }
    }
  }

  @Test(arguments: Engine.InstructionSet.supported)
  func `every instruction set gives the gradients of the plain formulas`(set: Engine.InstructionSet) throws {
    let pass = try Engine.TrainingPass(Self.shape, sequences: 3, threads: 2, instructionSet: set)
    #expect(pass.isFused == (set != .portable))
    let weights = StartingWeights.draw(Self.shape, seed: 3)
    pass.weights.elements = weights
    var plain = PlainDecoder<Float>(Self.shape, weights: weights, isFused: pass.isFused)
    for step in 0..<2 {
      let batch = Self.text.batch(Self.configuration, step: step, part: 0)
      let losses = pass.addGradients(batch.inputs, batch.targets, factor: 0.25)
      let expected = plain.addGradients(batch.inputs, batch.targets, factor: 0.25)
      // The two logarithms and exponentials are the system's and the engine's: 2⁻⁵⁰ of a loss below 8 each, and some sums.
      for (own, plain) in zip(losses, expected) { #expect(abs(own - plain) < 0x1p-45) }
    }
    #expect(pass.gradients.elements == plain.gradients)
    #expect(pass.firstNonFinite == nil)
  }

  /// The same text with something held out, which no step reads.
  static let judged = TrainingText(text.bytes, heldOut: Array("A plumb line shows the true vertical.".utf8))
}
