package dev.sinter.dsl.write;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Node;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.If;
import dev.sinter.ir.op.Scan;
import dev.sinter.ir.op.While;
import java.util.ArrayList;
import java.util.List;

/// Loops and choices, whose regions stand in braces.
final class LoopText {
  private final BodyWriter body;

  LoopText(BodyWriter body) {
    this.body = body;
  }

  /// Writes the node.
  void write(ControlFlow op, Node node) {
    switch (op) {
      case If choice -> choice(node);
      case Scan(Dim steps, int carried, int walked) -> scan(node, steps, carried, walked);
      // The language's loops end at their limit; that it should be a fault is not said.
      case While(int carried, long limit, boolean fails) -> repeat(node, carried, limit);
    }
  }

  /// Lets a region's last parameters be what is passed for them.
  private void capture(BodyWriter inner, Region region, int from, List<Value> operands) {
    for (int i = 0; i < operands.size(); i++) {
      Value value = operands.get(i);
      Value param = region.params().get(from + i);
      boolean number = PointwiseText.literal(value).isPresent();
      inner.define(param, number ? body.piece(value) : Piece.of(body.name(value)));
    }
  }

  /// The names under which a loop carries its values.
  private List<String> names(List<Value> params) {
    return params.stream()
        .map(p -> body.writing().locals().value(p.name(), p.name().isEmpty() ? "kept" : "x"))
        .toList();
  }

  private void results(Node node, String text, List<String> inner) {
    List<String> names = node.results().stream().map(body::fresh).toList();
    body.statement(
        String.join(", ", names) + " = " + text + " {\n" + String.join("\n", inner) + "\n}");
    for (int i = 0; i < names.size(); i++) {
      body.define(node.result(i), Piece.of(names.get(i)));
    }
  }

  private String carry(List<String> names, List<Value> initial) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      parts.add(names.get(i) + " = " + body.text(initial.get(i), Piece.ANY));
    }
    return parts.isEmpty() ? "" : " with (" + String.join(", ", parts) + ")";
  }

  /// Says what the carried values are in the next turn.
  private static void next(
      BodyWriter inner, List<String> names, List<Value> params, List<Value> results) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      if (results.get(i) != params.get(i)) {
        lines.add("next " + names.get(i) + " = " + inner.text(results.get(i), Piece.ANY));
        inner.taken(results.get(i));
      }
    }
    lines.forEach(inner::statement);
  }

  private void scan(Node node, Dim steps, int carried, int walked) {
    Region region = node.regions().getFirst();
    List<Value> kept = node.operands().subList(0, carried);
    List<Value> over = node.operands().subList(carried, carried + walked);
    List<Value> params = region.params();
    BodyWriter inner = body.inner();
    capture(
        inner,
        region,
        1 + carried + walked,
        node.operands().subList(carried + walked, node.operands().size()));
    List<String> names = names(params.subList(1, 1 + carried));
    for (int i = 0; i < carried; i++) {
      inner.define(params.get(1 + i), Piece.of(names.get(i)));
    }
    List<String> each = new ArrayList<>();
    for (int i = 0; i < walked; i++) {
      Value param = params.get(1 + carried + i);
      String name = body.writing().locals().value(param.name(), "part");
      inner.define(param, Piece.of(name));
      each.add(name + " in " + body.text(over.get(i), Piece.SUM));
    }
    boolean counts =
        region.nodes().stream().anyMatch(n -> n.operands().contains(params.getFirst()))
            || region.results().contains(params.getFirst());
    if (counts || walked == 0) {
      String turn = body.writing().locals().value("turn", "turn");
      inner.define(params.getFirst(), Piece.of(turn));
      each.add(turn + " in 0.." + body.writing().sizes().piece(steps).at(Piece.SUM));
    }
    String head = "scan (" + String.join(", ", each) + ")" + carry(names, kept);
    inner.write(region);
    next(inner, names, params.subList(1, 1 + carried), region.results().subList(0, carried));
    for (Value emitted : region.results().subList(carried, region.results().size())) {
      String text = inner.text(emitted, Piece.ANY);
      inner.taken(emitted);
      inner.statement("emit " + text);
    }
    node.operands().forEach(body::taken);
    results(node, head, inner.lines());
  }

  private void repeat(Node node, int carried, long limit) {
    Region test = node.regions().get(0);
    Region step = node.regions().get(1);
    List<Value> outside = node.operands().subList(carried, node.operands().size());
    List<String> names = new ArrayList<>(names(step.params().subList(0, carried)));
    List<Value> kept = node.operands().subList(0, carried);
    BodyWriter condition = body.inner();
    BodyWriter inner = body.inner();
    for (int i = 0; i < carried; i++) {
      condition.define(test.params().get(i), Piece.of(names.get(i)));
      inner.define(step.params().get(i), Piece.of(names.get(i)));
    }
    capture(condition, test, carried, outside);
    capture(inner, step, carried, outside);
    condition.write(test);
    String runs = condition.text(test.results().getFirst(), Piece.ANY);
    inner.write(step);
    if (condition.lines().isEmpty()) {
      String head = "while (" + runs + ", max = " + limit + ")" + carry(names, kept);
      next(inner, names, step.params().subList(0, carried), step.results());
      node.operands().forEach(body::taken);
      results(node, head, inner.lines());
      return;
    }
    // A condition of several statements is worked out before the loop and at the end of each turn.
    for (int i = 0; i < carried; i++) {
      body.define(test.params().get(i), Piece.of(body.name(kept.get(i))));
      inner.define(test.params().get(i), Piece.of(inner.name(step.results().get(i))));
    }
    capture(body, test, carried, outside);
    capture(inner, test, carried, outside);
    String before = body.nested(test).getFirst();
    String after = inner.nested(test).getFirst();
    String goes = body.writing().locals().value("goes_on", "goes_on");
    String with = carry(names, kept);
    next(inner, names, step.params().subList(0, carried), step.results());
    inner.statement("next " + goes + " = " + after);
    List<String> all = new ArrayList<>(node.results().stream().map(body::fresh).toList());
    for (int i = 0; i < all.size(); i++) {
      body.define(node.result(i), Piece.of(all.get(i)));
    }
    all.add(body.writing().locals().unread("ended"));
    body.statement(
        "%s = while (%s, max = %d)%s, %s = %s) {%n%s%n}"
            .formatted(
                String.join(", ", all),
                goes,
                limit,
                with.substring(0, with.length() - 1),
                goes,
                before,
                String.join("\n", inner.lines())));
  }

  private void choice(Node node) {
    String condition = body.text(node.operand(0), Piece.ANY);
    body.taken(node.operand(0));
    String then = arm(node, node.regions().get(0));
    String otherwise = arm(node, node.regions().get(1));
    List<String> names = node.results().stream().map(body::fresh).toList();
    body.statement(
        "%s = if %s then %s else %s"
            .formatted(String.join(", ", names), condition, then, otherwise));
    for (int i = 0; i < names.size(); i++) {
      body.define(node.result(i), Piece.of(names.get(i)));
    }
  }

  private String arm(Node node, Region region) {
    BodyWriter inner = body.inner();
    capture(inner, region, 0, node.operands().subList(1, node.operands().size()));
    inner.write(region);
    List<String> results = region.results().stream().map(r -> inner.text(r, Piece.ANY)).toList();
    String value =
        results.size() == 1 ? results.getFirst() : "(" + String.join(", ", results) + ")";
    return inner.lines().isEmpty()
        ? value
        : "{\n" + String.join("\n", inner.lines()) + "\nreturn " + value + "\n}";
  }
}
