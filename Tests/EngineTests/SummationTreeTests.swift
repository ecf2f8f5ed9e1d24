import PlumbEngine
import PlumbModel
import Testing

/// The declared tree, carried out step by step here, against what the kernels give and what `depth` claims.
@Suite struct SummationTreeTests {
  /// The sum of products over the tree, by the words of `SummationTree` alone.
  static func sum(_ a: [Float], _ b: [Float], _ tree: Engine.SummationTree) -> Float {
    var lanes = [Float](repeating: 0, count: tree.lanes)
    // A counted loop: unoptimised, the iterators of `zip` and `enumerated` made the suite take nine times as long.
    var j = 0
    while j < a.count {
      let lane = j % tree.lanes
      lanes[lane] = tree.fused ? lanes[lane].addingProduct(a[j], b[j]) : lanes[lane] + a[j] * b[j]
      j += 1
    }
    var distance = tree.lanes / 2
    while distance > 0 {
      for lane in 0..<distance { lanes[lane] += lanes[lane + distance] }
      distance /= 2
    }
    return lanes[0]
  }

  /// The greatest number of roundings of any product, found by following each one through the tree.
  ///
  /// An operation rounds unless one operand is an absent term, a zero.
  static func depth(terms: Int, _ tree: Engine.SummationTree) -> Int {
    var lanes = [[Int]](repeating: [], count: tree.lanes)
    for j in 0..<terms {
      let lane = j % tree.lanes
      let first = lanes[lane].isEmpty
      if !first { lanes[lane] = lanes[lane].map { $0 + 1 } }
      lanes[lane].append(tree.fused || first ? 1 : 2)
    }
    var distance = tree.lanes / 2
    while distance > 0 {
      for lane in 0..<distance {
        let (left, right) = (lanes[lane], lanes[lane + distance])
        lanes[lane] = left.isEmpty || right.isEmpty ? left + right : (left + right).map { $0 + 1 }
      }
      distance /= 2
    }
    return lanes[0].max() ?? 0
  }

  @Test(arguments: [true, false]) func `depth is what following every product gives`(_ fused: Bool) {
    for lanes in [1, 2, 4, 8, 16, 32] {
      let tree = Engine.SummationTree(lanes: lanes, fused: fused)
      for terms in 0...200 { #expect(tree.depth(terms: terms) == Self.depth(terms: terms, tree), "\(terms) terms") }
    }
  }

  @Test(arguments: Engine.InstructionSet.supported)
  func `linear layers add over the declared tree`(_ set: Engine.InstructionSet) throws {
    var random = SplitMix64(seed: 21)
    // The kernels take 768 columns at a time where there are more.
    for columns in Array(1...40) + [63, 64, 65, 100, 257, 768, 769, 1536, 1543, 2400] {
      let (rows, tokens) = (Int.random(in: 1...13, using: &random), Int.random(in: 1...9, using: &random))
      let w = (0..<rows * columns).map { _ in random.float(exponents: -20...3) }
      let x = (0..<tokens * columns).map { _ in random.float(exponents: -20...3) }
      let weight = try #require(Tensor(name: "w", type: .f32, shape: [rows, columns], bytes: WeightArray(w)))
      let y = Engine.linear(
        Activation(shape: [tokens, columns], elements: x), LinearLayer(weight: weight), instructionSet: set)
      for token in 0..<tokens {
        for row in 0..<rows {
          let expected = Self.sum(
            Array(w[row * columns..<(row + 1) * columns]), Array(x[token * columns..<(token + 1) * columns]),
            set.summation)
          #expect(y.elements[token * rows + row].bitPattern == expected.bitPattern, "\(columns) columns")
        }
      }
    }
  }

  @Test(arguments: Engine.InstructionSet.supported)
  func `linear layers of many tokens add over the declared tree`(_ set: Engine.InstructionSet) throws {
    var random = SplitMix64(seed: 23)
    // 48 tokens and more are taken another way, in tiles of 14, 8, 6, 4 or 2 tokens and of 16 or 32 rows; 256 columns are
    // packed at a time, and of 1543 columns only 32 rows.
    for (tokens, rows, columns) in [
      (47, 32, 16), (48, 32, 16), (48, 31, 1), (49, 33, 15), (50, 1, 17), (52, 64, 40), (56, 16, 256), (57, 70, 257),
      (62, 17, 48), (63, 40, 33), (64, 65, 31), (70, 2, 600), (71, 128, 576), (130, 3, 32), (51, 67, 1543),
    ] {
      let x = random.activation([tokens, columns])
      let w = random.activation([rows, columns])
      let weight = try #require(Tensor(name: "w", type: .f32, shape: [rows, columns], bytes: WeightArray(w.elements)))
      let b = random.activation([1, rows])
      let bias = try #require(Tensor(name: "b", type: .f32, shape: [rows], bytes: WeightArray(b.elements)))
      let y = Engine.linear(x, LinearLayer(weight: weight), instructionSet: set)
      let biased = Engine.linear(x, LinearLayer(weight: weight, bias: bias), instructionSet: set)
      for token in 0..<tokens {
        for row in 0..<rows {
          let expected = Self.sum(Array(w.row(row)), Array(x.row(token)), set.summation)
          let place = token * rows + row
          #expect(y.elements[place].bitPattern == expected.bitPattern, "\(tokens) tokens, \(rows) × \(columns)")
          #expect(biased.elements[place].bitPattern == (expected + b.elements[row]).bitPattern)
        }
      }
    }
  }

  @Test(arguments: Engine.InstructionSet.supported)
  func `attention adds over the declared tree`(_ set: Engine.InstructionSet) throws {
    var random = SplitMix64(seed: 22)
    let masks: [(isCausal: Bool, window: Int?)] = [
      (true, nil), (true, nil), (true, 1), (true, 5), (true, 17), (true, 40), (false, nil), (false, 3), (false, 20),
      (true, nil), (true, nil), (true, nil), (true, nil),
    ]
    for (headSize, mask) in zip([1, 4, 10, 16, 33, 64, 4, 16, 10, 16, 33, 64, 90], masks) {
      let layer = AttentionLayer(
        heads: 4, keyValueHeads: 2, headSize: headSize, isCausal: mask.isCausal, window: mask.window)
      // Without a causal mask the last tokens stand where a window shows them nothing.
      var (first, tokens, positions) = (mask.isCausal ? 14 : 18, 6, 21)
      // Tokens that see all before them are taken in sixes, with 32 positions and 32 columns at a time where there are so many.
      if mask.isCausal, mask.window == nil, headSize > 4 { (first, tokens, positions) = (13, 27, 40) }
      let query = random.activation([tokens, 4, headSize])
      let key = random.activation([positions, 2, headSize])
      let scores = Engine.attentionScores(query, key, layer, firstPosition: first, instructionSet: set)
      let values = Engine.attentionValues(scores, key, layer, firstPosition: first, instructionSet: set)
      for head in 0..<4 {
        for token in 0..<tokens {
          let row = scores.row(head * tokens + token)
          let seen = (0..<positions).filter { layer.allows(query: first + token, key: $0) }
          let scored = row.indices.filter { row[$0] > -.infinity }
          #expect(scored.map { $0 - row.startIndex } == seen)
          for position in seen {
            let score = row[row.startIndex + position]
            let sum = Self.sum(
              Array(query.row(token * 4 + head)), Array(key.row(position * 2 + head / 2)), set.summation)
            #expect(score == Float(Double(sum) / Double(headSize).squareRoot()))
          }
          for i in 0..<headSize {
            let column = seen.map { key.row($0 * 2 + head / 2)[($0 * 2 + head / 2) * headSize + i] }
            let sum = Self.sum(seen.map { row[row.startIndex + $0] }, column, set.summation)
            #expect(values.elements[(token * 4 + head) * headSize + i].bitPattern == sum.bitPattern)
          }
        }
      }
    }
  }
}
