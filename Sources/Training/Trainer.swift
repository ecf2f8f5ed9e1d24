import PlumbEngine
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// A training of a Llama decoder over bytes, from a seed or from a checkpoint.
///
/// The bits of its weights depend on the configuration, the text and whether the instruction set fuses: not on the threads, on
/// checkpoints or on audits.
package final class Trainer {
  /// The options of a training beside learning.
  package struct Options: Sendable {
    /// The file that holds the state; `nil` for none.
    package var checkpoint: String?
    /// The number of steps between two checkpoints.
    package var checkpointEvery = 100
    /// Whether the training goes on from the checkpoint, which must be there.
    package var resumes = false
    /// The number of steps between two audits; `nil` for none.
    package var auditEvery: Int?
    /// The tokens of an audit's window.
    package var auditTokens = 16
    /// The number of threads; as many as there are processors for `nil`.
    package var threads: Int?

    /// Makes the options of a training without checkpoints and audits.
    package init() {}
  }

  /// The news of a step.
  package struct News: Sendable {
    /// The step that is done, counted from 1.
    package let step: Int
    /// Its mean cross-entropy in bits a byte.
    package let loss: Double
    /// Its rate.
    package let rate: Double
    /// The seconds that the rest will take at the speed so far.
    package let secondsLeft: Double
  }

  private let configuration: TrainingConfiguration
  private let text: TrainingText
  private let options: Options
  private let pass: Engine.TrainingPass
  private let adam: Engine.AdamW
  private var state: Engine.AdamW.State
  private var step = 0

  /// Prepares a training.
  ///
  /// - Throws: `TrainingError` for a configuration that contradicts itself, a text that is too short, or a checkpoint of another
  ///   training.
  package init(_ configuration: TrainingConfiguration, _ text: TrainingText, _ options: Options) throws(TrainingError) {
    if let problem = configuration.problem { throw .configuration(problem) }
    try text.check(context: configuration.shape.context)
    (self.configuration, self.text, self.options) = (configuration, text, options)
    adam = Engine.AdamW(decay: configuration.decay)
    do throws(Engine.PassError) {
      pass = try Engine.TrainingPass(configuration.shape, sequences: configuration.batch, threads: options.threads)
    } catch { throw .other(error.description) }
    state = Engine.AdamW.State(pass.weights.count)
    if options.resumes, let path = options.checkpoint {
      let kept = try TrainingCheckpoint.read(
        path, identity: identity, count: pass.weights.count, steps: configuration.steps)
      (pass.weights.elements, state.means.elements, state.squares.elements) = (kept.weights, kept.means, kept.squares)
      step = kept.step
      for _ in 0..<step { state.powers = (state.powers.beta1 * adam.beta1, state.powers.beta2 * adam.beta2) }
    } else {
      pass.weights.elements = StartingWeights.draw(configuration.shape, seed: configuration.seed)
    }
  }

  /// The bytes of memory that a training takes: weights, their transposes and gradients, two means, and a batch's activations.
  static func bytes(of configuration: TrainingConfiguration) -> Int {
    let shape = configuration.shape
    let weights = shape.parameters.reduce(0) { $0 + $1.count }
    return 4 * (5 * weights + Engine.trainingFloats(shape, sequences: configuration.batch))
  }

  /// A line that names the configuration and the text; equal for trainings that go on from each other's checkpoints.
  private var identity: String {
    "\(Self.line(configuration)) \(Digest.hexadecimal(text.bytes)) \(pass.isFused ? "fused" : "unfused")"
  }

  private static func line(_ configuration: TrainingConfiguration) -> String {
    let shape = configuration.shape
    let extents = [
      shape.vocabulary, shape.context, shape.blocks, shape.width, shape.heads, shape.keyValueHeads, shape.feedForward,
      configuration.steps, configuration.batch, configuration.accumulation, configuration.warmUp,
    ]
    let numbers = [
      configuration.rate, configuration.finalRate, configuration.decay, configuration.clip,
    ]
    return (extents.map(String.init) + numbers.map(\.hexadecimal) + ["\(configuration.seed)"]).joined(separator: ",")
  }

  /// Trains to the last step, stores the weights as `type`, and judges the held-out text by them as they are stored.
  ///
  /// - Throws: `TrainingError`. Interrupted, it writes the checkpoint first.
  package func train(
    name: String, as type: TensorType, isInterrupted: @Sendable () -> Bool = { false },
    progress: @Sendable (String) -> Void = { _ in }, news: (News) -> Void = { _ in }
  ) throws(TrainingError) -> (file: [UInt8], report: TrainingReport) {
    let (start, resumed) = (ContinuousClock.now, step)
    var (losses, audits): ([Double], [TrainingAudit]) = ([], [])
    var training = Duration.zero
    while step < configuration.steps {
      if let every = options.auditEvery, (step + 1).isMultiple(of: every) {
        do throws(TrainingError) {
          audits.append(try audit(isInterrupted, progress))
        } catch {
          // The steps before it are done, whatever ended the audit.
          try keep()
          if case .interrupted = error { throw .interrupted(steps: step, checkpoint: options.checkpoint) }
          throw error
        }
      }
      let began = ContinuousClock.now
      let loss = try next()
      losses.append(loss)
      step += 1
      training += ContinuousClock.now - began
      let left = training / Duration.seconds(losses.count) * Double(configuration.steps - step)
      news(News(step: step, loss: loss, rate: configuration.rate(at: step - 1), secondsLeft: left))
      let isInterrupted = isInterrupted()
      if isInterrupted || step.isMultiple(of: options.checkpointEvery) || step == configuration.steps { try keep() }
      if isInterrupted && step < configuration.steps { throw .interrupted(steps: step, checkpoint: options.checkpoint) }
    }
    progress("held-out text")
    let file = LlamaFile.bytes(configuration.shape, name: name, pass.weights.elements, as: type)
    let heldOut = try heldOut(file)
    let seconds = training / .seconds(1)
    let report = TrainingReport(
      configuration: configuration, weights: pass.weights.count, text: Digest.hexadecimal(text.bytes),
      bytes: text.bytes.count, instructionSet: Engine.InstructionSet.current.rawValue, losses: losses, resumed: resumed,
      heldOut: heldOut, format: type.label, fileBytes: file.count, file: Digest.hexadecimal(file), audits: audits,
      tokensPerSecond: seconds > 0 ? Double(losses.count * configuration.tokensPerStep) / seconds : 0,
      seconds: (ContinuousClock.now - start) / .seconds(1))
    return (file, report)
  }

  /// Makes one step, and returns its mean cross-entropy in bits a byte.
  private func next() throws(TrainingError) -> Double {
    pass.gradients.clear()
    let tokens = Double(configuration.tokensPerStep)
    var nats = 0.0
    for part in 0..<configuration.accumulation {
      let batch = text.batch(configuration, step: step, part: part)
      nats += pass.addGradients(batch.inputs, batch.targets, factor: 1 / tokens).reduce(0, +)
      if !nats.isFinite { throw .diverged(step: step + 1, first: pass.firstNonFinite ?? "the loss") }
    }
    let norm = pass.gradientNorm
    if !norm.isFinite { throw .diverged(step: step + 1, first: pass.firstNonFinite ?? "a gradient") }
    pass.step(
      adam, &state, rate: configuration.rate(at: step), scale: norm > configuration.clip ? configuration.clip / norm : 1
    )
    return nats / ln2 / tokens
  }

  private func audit(
    _ isInterrupted: @Sendable () -> Bool, _ progress: @Sendable (String) -> Void
  ) throws(TrainingError) -> TrainingAudit {
    let first = text.start(configuration, step: step, sequence: 0)
    let window = Array(text.bytes[first..<first + min(options.auditTokens, configuration.shape.context + 1)])
    return try TrainingAudit.audit(
      step: step + 1, pass, window: window, threads: options.threads, isInterrupted: isInterrupted, progress: progress)
  }

  /// Writes the checkpoint under a temporary name, then renames it: killed at any moment, the file before it is whole.
  private func keep() throws(TrainingError) {
    guard let path = options.checkpoint else { return }
    let checkpoint = TrainingCheckpoint(
      step: step, weights: pass.weights.elements, means: state.means.elements, squares: state.squares.elements)
    do {
      try AtomicFile.write(checkpoint.bytes(identity), to: path)
    } catch { throw .other(error.description) }
  }

  /// Judges the held-out text by the numbers that `file` stores, read back.
  private func heldOut(_ file: [UInt8]) throws(TrainingError) -> HeldOutLoss {
    let trained = pass.weights.elements
    do throws(ModelError) {
      let read = try GGUFFile(bytes: WeightArray(file), file: "the trained model").transformer()
      var places: [String: Tensor] = [:]
      for tensor in read.tensors { places[tensor.name] = tensor }
      pass.weights.elements = configuration.shape.parameters.flatMap { parameter in
        places[parameter.name].map { Engine.decoded($0) } ?? []
      }
    } catch { throw .other(error.description) }
    defer { pass.weights.elements = trained }
    return HeldOutLoss(pass, text.heldOut)
  }
}
