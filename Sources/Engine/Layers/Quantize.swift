import PlumbModel

extension Engine {
  /// Each row of `x` in units of its scale, rounded to the nearest number of the grid, of two the even one.
  ///
  /// x · m / a in Float64: the product is exact, as x has 24 bits and m at most 7, and the quotient rounds once. So the number before the
  /// last rounding is within a relative error of 2⁻⁵³, and a tie is met exactly. A quotient by a power of two is exact. With a scale g of the tensor
  /// x · g is exact, and its quotient by a number of E4M3, which has 4 bits, is no nearer to a tie than 2⁻⁴⁷, relative, but on it.
  ///
  /// *Edge cases*: 0 in a row of zeros. A row with an infinity gives 0 for what is finite, and NaN for that; one with a NaN gives NaN.
  package static func quantize(_ x: Activation<Float>, _ layer: QuantizeLayer) -> Activation<Float> {
    var result = x
    for row in 0..<x.rows {
      let places = row * x.columns..<(row + 1) * x.columns
      let greatest = greatestMagnitude(x.elements[places], layer)
      let (scale, global) = (layer.rule.map { Self.scale(greatest, $0) }, layer.rule?.global)
      for place in places {
        let element = Double(x.elements[place])
        let number =
          scale.map { $0 == 0 ? element * 0 : element * (global ?? 1) / $0 }
          ?? (greatest == 0 ? 0 : element * layer.grid.greatest / greatest)
        result.elements[place] = rounded(number, to: layer.grid)
      }
    }
    return result
  }

  /// The scale of each row of `x`: a / m in Float64, rounded once to what scales are stored as.
  ///
  /// *Error bound*: the quotient's rounding, a relative error of 2⁻⁵³, and the last one; none of a power of two.
  ///
  /// *Edge cases*: 0 of a row of zeros, where a power of two is the least, infinite where an element is, or where binary16 has no number as great.
  package static func quantizeScale(_ x: Activation<Float>, _ layer: QuantizeLayer) -> Activation<Float> {
    let scales = (0..<x.rows).map { row -> Float in
      let greatest = greatestMagnitude(x.row(row), layer)
      if let rule = layer.rule { return Float(Self.scale(greatest, rule)) }
      let scale = greatest / layer.grid.greatest
      return layer.scaleGrid.map { rounded(scale, to: $0) } ?? Float(scale)
    }
    return Activation(shape: [x.rows], elements: scales)
  }

  /// The greatest magnitude, or the layer's least, with the scale's sign; NaN where an element is.
  private static func greatestMagnitude(_ row: ArraySlice<Float>, _ layer: QuantizeLayer) -> Double {
    var greatest: Float = 0
    for element in row where !(element.magnitude <= greatest.magnitude) {
      greatest = element
      if greatest.isNaN { return .nan }
    }
    let magnitude = Double(max(greatest.magnitude, layer.least))
    return layer.scheme == .q8K && greatest > 0 ? -magnitude : magnitude
  }

  /// The scale of `rule`, where a number of E4M3 is that nearest to g·a / m in Float64: the product is exact, and its quotient is no nearer to a tie
  /// than 2⁻⁴⁷, relative, but on it.
  private static func scale(_ greatest: Double, _ rule: ScaleRule) -> Double {
    rule.global.map { Double(rounded(greatest * $0 / rule.greatest, to: rule.grid)) } ?? power(greatest, rule)
  }

  /// The scale of `rule`: the least power of two that is enough for the greatest magnitude.
  ///
  /// Comparisons, none of which rounds, stand in place of logarithms: a and m have 24 bits, and their squares 48.
  private static func power(_ greatest: Double, _ rule: ScaleRule) -> Double {
    let unit = Double(sign: .plus, exponent: Int(rule.greatest.exponent), significand: 1)
    func isEnough(_ scale: Double) -> Bool {
      switch rule.kind {
      case .floor: greatest < 2 * unit * scale
      case .ceil: greatest <= rule.greatest * scale
      case .round: greatest * greatest < 2 * (rule.greatest * scale) * (rule.greatest * scale)
      case .ggmlCUDA: greatest * greatest < 2 * (unit * scale) * (unit * scale)
      }
    }
    guard greatest.isFinite else { return greatest }
    var scale = 0x1p-127
    while !isEnough(scale) { scale *= 2 }
    return scale
  }

  /// The number of `grid` that is nearest to `value`, of two the even one: a quotient by a spacing, a power of two, is exact.
  private static func rounded(_ value: Double, to grid: NumberGrid) -> Float {
    guard value.isFinite else { return Float(value) }
    let spacing = grid.spacing(at: value.magnitude)
    let nearest = (value / spacing).rounded(.toNearestOrEven) * spacing
    guard nearest.magnitude > grid.greatest else { return Float(nearest) }
    return Float(Double(signOf: value, magnitudeOf: grid.saturates ? grid.greatest : .infinity))
  }
}
