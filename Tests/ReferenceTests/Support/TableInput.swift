import PlumbExact
import PlumbModel

/// The numbers that the independent program drew: multiples of 1/1024 in [−1000/1024, 1000/1024].
struct TableInput {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The next number: s ← (1103515245·s + 12345) mod 2^31, ((⌊s / 256⌋ mod 2001) − 1000) / 1024.
  mutating func next() -> Float {
    state = (state * 1_103_515_245 + 12345) % (1 << 31)
    return Float(Int((state >> 8) % 2001) - 1000) / 1024
  }

  /// `count` numbers, each plus `offset`.
  mutating func vector(_ count: Int, plus offset: Float = 0) -> [Float] {
    (0..<count).map { _ in next() + offset }
  }

  /// An activation of exact balls, each number times `factor`.
  mutating func activation(_ shape: [Int], times factor: Float = 1) throws -> Activation<Ball> {
    try exact(vector(shape.reduce(1, *)).map { $0 * factor }, shape)
  }
}

/// The activation of the real numbers that `values` are.
func exact(_ values: [Float], _ shape: [Int]) throws -> Activation<Ball> {
  struct NotFinite: Error {}
  return Activation(
    shape: shape,
    elements: try values.map { value in
      guard let exact = Rational(exactly: value) else { throw NotFinite() }
      return Ball(exact)
    })
}

/// A tensor of binary32 weights.
func weights(_ name: String, _ shape: [Int], _ values: [Float]) throws -> Tensor {
  struct Misfit: Error {}
  guard let tensor = Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(values)) else { throw Misfit() }
  return tensor
}
