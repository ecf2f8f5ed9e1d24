import PlumbModel
import PlumbVerdicts

// Routers and experts as somebody else would write them, in plain Float32.
extension NaiveKernels {
  /// The router of a token, whose scores are compared in Float32.
  static func router(_ row: [Float], _ input: CheckedCase, _ machine: inout NaiveMachine) -> [Float] {
    let bias = input.optionalReal("bias")?.elements
    let isSigmoid = input.word("score") == "sigmoid"
    let scores = isSigmoid ? row.map { machine.store(sigmoid($0, &machine)) } : softmax(row, &machine)
    var numbers = bias.map { zip(scores, $0).map { machine.store($0 + $1) } } ?? scores
    let (groups, chosen) = (input.integer("groups"), input.integer("chosen"))
    // Without a bias logits are compared as well as scores.
    if bias == nil, machine.isFused, groups == 1 || input.word("groupScore") == "greatest" { numbers = row }
    if groups > 1 {
      let size = row.count / groups
      let sums = (0..<groups).map { group -> Float in
        let best = numbers[group * size..<(group + 1) * size].sorted(by: >)
        return input.word("groupScore") == "greatest" ? best[0] : machine.store(best[0] + best[1])
      }
      let kept = ranked(sums).prefix(input.integer("keptGroups"))
      for index in numbers.indices where !kept.contains(index / size) { numbers[index] = -.infinity }
    }
    let experts = Array(ranked(numbers).prefix(chosen))
    var weights = experts.map { scores[$0] }
    if input.flag("renormalised") {
      if !isSigmoid, machine.isFused {
        weights = softmax(experts.map { row[$0] }, &machine)
      } else {
        let sum = machine.sum(weights) + (isSigmoid && input.flag("addsToSum") ? 1e-20 : 0)
        weights = weights.map { machine.store($0 / sum) }
      }
    }
    var result = row.map { _ in Float(0) }
    for (expert, weight) in zip(experts, weights) {
      result[expert] = input.number("factor") == 1 ? weight : machine.store(weight * input.number("factor"))
    }
    return result
  }

  private static func ranked(_ numbers: [Float]) -> [Int] {
    numbers.indices.sorted { (numbers[$1], $0) < (numbers[$0], $1) }
  }

  private static func sigmoid(_ x: Float, _ machine: inout NaiveMachine) -> Float { 1 / (1 + machine.exp(-x)) }

  static func routerBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let (logits, gradients, chosen) = (input.real("logits"), input.real("gradient"), input.extent("chosen"))
    let rows = (0..<logits.rows).map { token -> [Float] in
      let experts = Array(input.integers("choice")[token * chosen..<(token + 1) * chosen])
      let given = gradients.row(token).map { machine.store($0 * input.number("factor")) }
      let row = Array(logits.row(token))
      var result = row.map { _ in Float(0) }
      guard input.word("score") == "softmax" else {
        let scores = experts.map { machine.store(sigmoid(row[$0], &machine)) }
        var through = given
        if input.flag("renormalised") {
          let sum = machine.sum(scores) + (input.flag("addsToSum") ? 1e-20 : 0)
          let mean = machine.dot(scores.map { $0 / sum }, given)
          through = given.map { machine.store(($0 - mean) / sum) }
        }
        for (place, expert) in experts.enumerated() {
          result[expert] = machine.store(through[place] * (scores[place] * (1 - scores[place])))
        }
        return result
      }
      if input.flag("renormalised") {
        let shares = softmax(experts.map { row[$0] }, &machine)
        let sum = machine.dot(shares, given)
        for (place, expert) in experts.enumerated() {
          result[expert] = machine.store(shares[place] * (given[place] - sum))
        }
        return result
      }
      let shares = softmax(row, &machine)
      for (place, expert) in experts.enumerated() { result[expert] = given[place] }
      let sum = machine.dot(shares, result)
      return zip(shares, result).map { machine.store($0 * ($1 - sum)) }
    }
    return Activation(shape: logits.shape, elements: rows.flatMap { $0 })
  }

  /// The sum over a token's places of what `give` gives for each, from the expert, the token and the place.
  private static func overPlaces(
    _ input: CheckedCase, _ machine: inout NaiveMachine,
    _ give: (_ expert: Int, _ token: Int, _ place: Int, inout NaiveMachine) -> [Float]
  ) -> Activation<Float> {
    let (x, chosen) = (input.real("x"), input.extent("chosen"))
    let rows = (0..<x.rows).map { token -> [Float] in
      let given = (token * chosen..<(token + 1) * chosen).map { place in
        give(input.integers("choice")[place], token, place, &machine)
      }
      return (0..<x.columns).map { column in machine.store(machine.sum(given.map { $0[column] })) }
    }
    return Activation(shape: x.shape, elements: rows.flatMap { $0 })
  }

  static func experts(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    overPlaces(input, &machine) { expert, token, place, machine in
      let weight = input.real("weights").elements[place]
      return given(input, expert, token, &machine).map { machine.store($0 * weight) }
    }
  }

  static func expertsWeightsBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let chosen = input.extent("chosen")
    return Activation(
      shape: input.real("weights").shape,
      elements: input.integers("choice").enumerated().map { place, expert in
        let own = given(input, expert, place / chosen, &machine)
        return machine.store(machine.dot(Array(input.real("gradient").row(place / chosen)), own))
      })
  }

  private static func matrix(_ input: CheckedCase, _ name: String, _ expert: Int) -> Activation<Float> {
    let all = input.real(name)
    let size = all.shape[1] * all.shape[2]
    return Activation(
      shape: Array(all.shape.dropFirst()), elements: Array(all.elements[expert * size..<(expert + 1) * size]))
  }

  private static func product(
    _ input: CheckedCase, _ name: String, _ expert: Int, _ x: Activation<Float>, _ machine: inout NaiveMachine
  ) -> Activation<Float> {
    let bias = input.optionalReal(name + "Bias").map {
      Activation(shape: [$0.columns], elements: Array($0.row(expert)))
    }
    return linear(x, matrix(input, name, expert), bias, &machine)
  }

  private static func opening(
    _ input: CheckedCase, _ expert: Int, _ token: Int, _ machine: inout NaiveMachine
  ) -> (gate: [Float], up: [Float]) {
    let x = Activation(shape: [1, input.extent("hidden")], elements: Array(input.real("x").row(token)))
    return (product(input, "gate", expert, x, &machine).elements, product(input, "up", expert, x, &machine).elements)
  }

  private static func given(
    _ input: CheckedCase, _ expert: Int, _ token: Int, _ machine: inout NaiveMachine
  ) -> [Float] {
    let (gate, up) = opening(input, expert, token, &machine)
    let hidden = zip(gate, up).map { gate, up -> Float in
      guard input.word("activation") == "clamped-gate" else {
        return machine.store(machine.store(activated(gate, input, &machine)) * up)
      }
      let (alpha, limit) = (input.number("alpha"), input.number("limit"))
      let (opening, inner) = (min(gate, limit), max(-limit, min(up, limit)))
      let slope = machine.between(1 / (1 + machine.exp(-machine.between(alpha * opening))))
      return machine.store(machine.between(inner + 1) * machine.between(opening * slope))
    }
    return product(input, "down", expert, Activation(shape: [1, hidden.count], elements: hidden), &machine).elements
  }

  static func expertsBackward(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    overPlaces(input, &machine) { expert, token, place, machine in
      let weight = input.real("weights").elements[place]
      let gradient = input.real("gradient").row(token).map { machine.store($0 * weight) }
      func back(_ name: String, _ numbers: [Float], _ machine: inout NaiveMachine) -> [Float] {
        let transposed = turned(matrix(input, name, expert))
        return linear(Activation(shape: [1, numbers.count], elements: numbers), transposed, nil, &machine).elements
      }
      let ((gate, up), incoming) = (opening(input, expert, token, &machine), back("down", gradient, &machine))
      var (through, around) = (incoming, incoming)
      for index in incoming.indices {
        if input.word("activation") == "clamped-gate" {
          through[index] = clampedSlope(input, gate[index], up[index], incoming[index], ofUp: false, &machine)
          around[index] = clampedSlope(input, gate[index], up[index], incoming[index], ofUp: true, &machine)
        } else {
          let inside = machine.store(incoming[index] * up[index])
          through[index] = machine.store(slope(gate[index], input.word("activation"), times: inside, &machine))
          around[index] = machine.store(incoming[index] * machine.store(activated(gate[index], input, &machine)))
        }
      }
      return zip(back("gate", through, &machine), back("up", around, &machine)).map { machine.store($0 + $1) }
    }
  }

  static func clampedGateBackward(_ input: CheckedCase, ofUp: Bool, _ machine: inout NaiveMachine) -> Activation<Float>
  {
    let (gate, up, gradient) = (input.real("gate"), input.real("up"), input.real("gradient"))
    return Activation(
      shape: gate.shape,
      elements: gate.elements.indices.map {
        clampedSlope(input, gate.elements[$0], up.elements[$0], gradient.elements[$0], ofUp: ofUp, &machine)
      })
  }

  /// The gradient of a clamped gate, or of what it lets through.
  private static func clampedSlope(
    _ input: CheckedCase, _ gate: Float, _ up: Float, _ gradient: Float, ofUp: Bool, _ machine: inout NaiveMachine
  ) -> Float {
    let (alpha, limit) = (input.number("alpha"), input.number("limit"))
    let (opening, inner) = (min(gate, limit), max(-limit, min(up, limit)))
    let argument = machine.between(alpha * opening)
    let sigmoid = machine.between(1 / (1 + machine.exp(-argument)))
    let distance = (ofUp ? up.magnitude : gate) - limit
    if distance > 0 || distance == 0 && machine.isZeroAtLimit { return 0 }
    if ofUp { return machine.store(gradient * machine.between(opening * sigmoid)) }
    let incoming = machine.between(gradient * machine.between(inner + 1))
    if machine.isFused { return machine.store(incoming * (sigmoid * (1 + argument * (1 - sigmoid)))) }
    // PyTorch takes a gradient through a sigmoid in one step in bfloat16, and in three in binary16.
    let (outer, rest) = (machine.between(incoming * opening), 1 - sigmoid)
    let inThree = machine.between(machine.between(outer * machine.between(rest)) * sigmoid)
    let around = machine.random(2) == 0 ? inThree : machine.between(outer * rest * sigmoid)
    return machine.store(machine.between(incoming * sigmoid) + machine.between(around * alpha))
  }
}
