package dev.sinter.ir;

import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.BitCast;
import dev.sinter.ir.op.Scan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// One operation of a graph: an op, its operands, its regions, its results, and where it came from.
public final class Node {
  private final Op op;
  private final List<Value> operands;
  private final List<Region> regions;
  private final List<Value> results;
  private final Span span;

  /// A node; the results' types follow from the op.
  ///
  /// @param name the results' name for people; may be empty
  /// @throws OpException if the operands do not fit
  public Node(Op op, List<Value> operands, List<Region> regions, String name, Span span) {
    this.op = op;
    this.operands = List.copyOf(operands);
    this.regions = List.copyOf(regions);
    this.span = span;
    List<Value> results = new ArrayList<>();
    for (TensorType type : op.infer(this.operands.stream().map(Value::type).toList(), regions)) {
      results.add(Value.result(type, name, this, results.size()));
    }
    this.results = List.copyOf(results);
  }

  /// What the node does.
  public Op op() {
    return op;
  }

  /// The values read.
  public List<Value> operands() {
    return operands;
  }

  /// Operand number `index`.
  public Value operand(int index) {
    return operands.get(index);
  }

  /// The types of the values read.
  public List<TensorType> operandTypes() {
    return operands.stream().map(Value::type).toList();
  }

  /// The nested bodies, as the op has them.
  public List<Region> regions() {
    return regions;
  }

  /// The values made.
  public List<Value> results() {
    return results;
  }

  /// Result number `index`.
  public Value result(int index) {
    return results.get(index);
  }

  /// The only result.
  public Value result() {
    if (results.size() != 1) {
      throw new IllegalStateException(op.mnemonic() + " has " + results.size() + " results");
    }
    return results.getFirst();
  }

  /// The results' name for people; may be empty.
  public String name() {
    return results.isEmpty() ? "" : results.getFirst().name();
  }

  /// The symbols of the sizes that the node needs to know: those in the types of its results, in
  /// its attributes, and in its regions.
  public Set<String> sizes() {
    Set<String> symbols = new TreeSet<>();
    results.forEach(result -> result.type().shape().forEach(d -> symbols.addAll(d.symbols())));
    switch (op) {
      case RuntimeSize size -> symbols.addAll(size.bound().symbols());
      case Scan scan -> symbols.addAll(scan.steps().symbols());
      case Primitive primitive -> {
        AxisNames fresh = new AxisNames();
        List<Dim> at = result().type().shape().stream().map(d -> fresh.axis(d).index()).toList();
        symbols.addAll(primitive.define(operandTypes(), at, fresh).symbols());
      }
      case Pointwise _, Composite _, ControlFlow _, Extern _, BitCast _, Gradient _ -> {}
    }
    for (Region region : regions) {
      region.nodes().forEach(node -> symbols.addAll(node.sizes()));
    }
    symbols.removeIf(symbol -> symbol.startsWith("%"));
    return symbols;
  }

  /// The place in the model's text that made the node.
  public Span span() {
    return span;
  }
}
