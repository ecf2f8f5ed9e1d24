import PlumbModel

extension Engine {
  /// Each row of `x` in units of its scale, rounded to the nearest number of the grid, of two the even one.
  ///
  /// x · m / a in Float64: the product is exact, as x has 24 bits and m at most 7, and the quotient rounds once. So the number before the
  /// last rounding is within a relative error of 2⁻⁵³, and a tie is met exactly.
  ///
  /// *Edge cases*: 0 in a row of zeros. A row with an infinity gives 0 for what is finite, and NaN for that; one with a NaN gives NaN.
  package static func quantize(_ x: Activation<Float>, _ layer: QuantizeLayer) -> Activation<Float> {
    var result = x
    for row in 0..<x.rows {
      let places = row * x.columns..<(row + 1) * x.columns
      let greatest = greatestMagnitude(x.elements[places], atLeast: layer.least)
      for place in places {
        let number = greatest == 0 ? 0 : Double(x.elements[place]) * layer.grid.greatest / greatest
        result.elements[place] = rounded(number, to: layer.grid)
      }
    }
    return result
  }

  /// The scale of each row of `x`: a / m in Float64, rounded once to what scales are stored as.
  ///
  /// *Error bound*: the quotient's rounding, a relative error of 2⁻⁵³, and the last one.
  ///
  /// *Edge cases*: 0 of a row of zeros, infinite where an element is, or where binary16 has no number as great.
  package static func quantizeScale(_ x: Activation<Float>, _ layer: QuantizeLayer) -> Activation<Float> {
    let scales = (0..<x.rows).map { row -> Float in
      let scale = greatestMagnitude(x.row(row), atLeast: layer.least) / layer.grid.greatest
      return layer.scaleGrid.map { rounded(scale, to: $0) } ?? Float(scale)
    }
    return Activation(shape: [x.rows], elements: scales)
  }

  /// The greatest magnitude, or `least`; NaN where an element is.
  private static func greatestMagnitude(_ row: ArraySlice<Float>, atLeast least: Float) -> Double {
    var greatest = least
    for element in row where !(element.magnitude <= greatest) {
      greatest = element.magnitude
      if greatest.isNaN { break }
    }
    return Double(greatest)
  }

  /// The number of `grid` that is nearest to `value`, of two the even one: a quotient by a power of two is exact.
  private static func rounded(_ value: Double, to grid: NumberGrid) -> Float {
    guard value.isFinite else { return Float(value) }
    let spacing = grid.spacing(at: value.magnitude)
    let nearest = (value / spacing).rounded(.toNearestOrEven) * spacing
    guard nearest.magnitude > grid.greatest else { return Float(nearest) }
    return Float(Double(signOf: value, magnitudeOf: grid.saturates ? grid.greatest : .infinity))
  }
}
