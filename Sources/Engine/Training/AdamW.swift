internal import CKernels
import PlumbModel

extension Engine {
  /// The optimiser AdamW: Adam with decoupled weight decay.
  ///
  /// Each number is computed in Float64 from Float32s and rounded once where it is stored.
  /// Source: Loshchilov and Hutter 2019, *Decoupled Weight Decay Regularization*, algorithm 2, in PyTorch's form.
  package struct AdamW: Sendable {
    /// The factors by which the means of gradients and of their squares are kept.
    package var beta1 = 0.9
    package var beta2 = 0.95
    /// The number that is added to the root of the squares' mean.
    package var epsilon = 1e-8
    /// The factor of the rate by which matrices decay; normalisations do not.
    package var decay = 0.1

    /// Makes the optimiser.
    package init(beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8, decay: Double = 0.1) {
      (self.beta1, self.beta2, self.epsilon, self.decay) = (beta1, beta2, epsilon, decay)
    }

    /// The means of the gradients and of their squares so far.
    package struct State: Sendable {
      /// The means, in the places of the weights.
      package let means: FloatMemory
      /// The means of the squares.
      package let squares: FloatMemory
      /// The powers of the two factors: 1 − power is how much of the gradients a mean has.
      package var powers = (beta1: 1.0, beta2: 1.0)

      /// The state before the first step.
      package init(_ count: Int) { (means, squares) = (FloatMemory(count), FloatMemory(count)) }
    }
  }
}

extension Engine.TrainingPass {
  /// The elements that a thread takes at a time.
  private static let together = 4096

  /// The norm of all gradients: squares in Float64, added in runs of a fixed size, which are added in their order.
  package var gradientNorm: Double {
    let (count, step) = (gradients.count, Self.together)
    let runs = (count + step - 1) / step
    // Sound: each item writes its own sum.
    let sums = unsafe [Double](unsafeUninitializedCapacity: runs) { sums, initialized in
      guard let sums = sums.baseAddress else { return }
      crew.run(runs) { item, _ in
        unsafe sums[item] = unsafe kernels.sum_of_squares(
          gradients.base + item * step, min(step, count - item * step))
      }
      initialized = runs
    }
    return sums.reduce(0, +).squareRoot()
  }

  /// Changes the weights by one step with the gradients times `scale`, at `rate`.
  package func step(_ adam: Engine.AdamW, _ state: inout Engine.AdamW.State, rate: Double, scale: Double) {
    state.powers.beta1 *= adam.beta1
    state.powers.beta2 *= adam.beta2
    let matrix = plumb_adam(
      scale: scale, beta1: adam.beta1, beta2: adam.beta2, epsilon: adam.epsilon, kept: 1 - rate * adam.decay,
      rate: rate / (1 - state.powers.beta1), root_factor: (1 / (1 - state.powers.beta2)).squareRoot())
    var vector = matrix
    vector.kept = 1
    let runs = parameters.flatMap { parameter in
      stride(from: parameter.offset, to: parameter.places.upperBound, by: Self.together).map {
        (first: $0, count: min(Self.together, parameter.places.upperBound - $0), decays: parameter.shape.count == 2)
      }
    }
    let (means, squares) = (state.means, state.squares)
    crew.run(runs.count) { item, _ in
      let (first, count, decays) = runs[item]
      // Sound: all four arrays have the same places, and each run is one item's; the numbers are only read.
      unsafe withUnsafePointer(to: decays ? matrix : vector) { numbers in
        unsafe kernels.adam(
          numbers, gradients.base + first, count, weights.base + first, means.base + first, squares.base + first)
      }
    }
  }
}
