import PlumbModel

/// A tensor whose axes have names.
struct NamedTensor<Number: Sendable> {
  let axes: [String]
  var numbers: [Number]

  /// The places of the tensor's numbers, for each index of `axes`, of which what it lacks means nothing.
  static func places(of own: [String], in axes: [String], _ extents: [String: Int]) -> [Int] {
    var stride = 1
    var strides: [String: Int] = [:]
    for axis in own.reversed() {
      strides[axis] = stride
      stride *= extents[axis] ?? 1
    }
    var places = [0]
    for axis in axes {
      let step = strides[axis] ?? 0
      places = places.flatMap { place in (0..<(extents[axis] ?? 1)).map { place + $0 * step } }
    }
    return places
  }
}
