import PlumbEngine
import PlumbFormats
import PlumbGradients
import PlumbModel
import PlumbVerdicts

/// The gradient of one step held against the exact one, on the weights that the step began with.
///
/// The window is the start of the step's first sequence. Each step of the engine's backward pass over it is within its proved bound or
/// not; the trainer's own gradient of it is held against the exact gradient, tensor by tensor.
package struct TrainingAudit: Sendable, Codable {
  /// The step, counted from 1.
  package let step: Int
  /// The number of tokens of the window: each but the first is predicted.
  package let tokens: Int
  /// The verdict on the steps backwards, each on the engine's own inputs.
  package let verdict: Verdict
  /// The greatest margin of them.
  package let margin: Double
  /// The exact mean of the cross-entropies, each digit proved.
  package let loss: String
  /// The trainer's mean of the cross-entropies.
  package let trainerLoss: Double
  /// The tensor whose gradient by the trainer is farthest from the exact one, for its norm.
  package let worstTensor: String
  /// At least the norm of its distances ÷ the exact norm.
  package let relativeNorm: Double
  /// The duration of the audit, in seconds.
  package let seconds: Double

  /// Audits the step `step` of weights in `pass`, over the `window` of bytes.
  static func audit(
    step: Int, _ pass: Engine.TrainingPass, window: [UInt8], threads: Int?, isInterrupted: @Sendable () -> Bool,
    progress: @Sendable (String) -> Void
  ) throws(TrainingError) -> TrainingAudit {
    var shape = pass.shape
    shape.context = window.count - 1
    let weights = pass.weights.elements
    let tensors = shape.parameters.compactMap {
      Tensor(name: $0.name, type: .f32, shape: $0.shape, bytes: WeightArray(Array(weights[$0.places])))
    }
    shape.context = window.count
    let model = LoadedModel(
      transformer: shape.transformer(name: "step \(step)", tensors), tokenizer: ByteTokenizer(), architecture: "llama",
      source: "a training")
    shape.context = window.count - 1
    let own: Engine.TrainingPass
    do throws(Engine.PassError) {
      own = try Engine.TrainingPass(shape, sequences: 1, threads: threads)
    } catch { throw .other(error.description) }
    own.weights.elements = weights
    let losses = own.addGradients(
      Array(window.dropLast()), Array(window.dropFirst()), factor: 1 / Double(window.count - 1))
    let gradients = own.gradients.elements
    let report: GradientReport
    do throws(GradientError) {
      report = try GradientMeasurement(
        model: model, tokens: window.map { Int($0) }, digits: 8, threads: threads,
        weightGradients: Dictionary(
          uniqueKeysWithValues: shape.parameters.map { (GradientName(.weight($0.name)), Array(gradients[$0.places])) })
      ).report(isInterrupted: isInterrupted) { progress("audit of step \(step): \($0)") }
    } catch {
      if case .interrupted = error { throw .interrupted(steps: step - 1, checkpoint: nil) }
      throw .other("audit of step \(step): \(error)")
    }
    let worst = report.tensors.max { $0.relativeNorm < $1.relativeNorm }
    return TrainingAudit(
      step: step, tokens: window.count, verdict: report.verdict,
      margin: report.steps.reduce(0) { max($0, $1.local.margin) }, loss: report.loss.exact,
      trainerLoss: losses.reduce(0, +) / Double(losses.count), worstTensor: worst?.name ?? "",
      relativeNorm: worst?.relativeNorm ?? 0, seconds: report.seconds)
  }
}
