import PlumbExact
import PlumbModel

extension Reference {
  /// `rotaryTurns` by tables: the sines and cosines of all angles at once.
  ///
  /// *Error bound*: encloses the true values, to about `precision` bits after the point; the turn of an angle of 0 is exact.
  /// - Throws: as `rotaryEmbedding`.
  package static func tabledRotaryTurns(
    _ layer: RotaryEmbeddingLayer, _ positions: Range<Int>, precision: Int
  ) throws(EnclosureError) -> Activation<Turn> {
    let angles = try rotaryAngles(layer, positions, precision: precision)
    let magnitude = try self.magnitude(layer.magnitude, precision: precision)
    let rows = concurrentMap(angles.rows) { row -> [Turn] in
      let angles = angles.row(row)
      // As many bits after the point as the angles themselves have.
      let (sines, cosines) = BallRow(angles, precision: precision + 32).sineAndCosine(precision: precision + 16)
      return angles.indices.map {
        Turn(cosine: cosines[$0 - angles.startIndex], sine: sines[$0 - angles.startIndex])
          .scaled(by: magnitude, precision: precision + 16)
      }
    }
    return Activation(shape: angles.shape, elements: Array(rows.joined()))
  }
}
