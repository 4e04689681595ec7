package dev.sinter.ir.op;

import dev.sinter.ir.ControlFlow;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A choice at run time: operand 0 is a scalar bool, the others are what both regions take; region
/// 0 runs where it holds, else region 1. The results are the chosen region's.
public record If() implements ControlFlow {
  @Override
  public String mnemonic() {
    return "if";
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    List<TensorType> yes = types(regions.get(0).results());
    if (!operands.getFirst().equals(TensorType.of(DType.BOOL, new long[0]))
        || !yes.equals(types(regions.get(1).results()))
        || regions.stream()
            .anyMatch(r -> !types(r.params()).equals(operands.subList(1, operands.size())))) {
      throw new OpException("the two sides of an if have other types than its place");
    }
    return yes;
  }

  static List<TensorType> types(List<Value> values) {
    return values.stream().map(Value::type).toList();
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    List<Value> arguments = node.operands().subList(1, node.operands().size());
    List<Value> given = dy.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
    List<Value> operands = new ArrayList<>(node.operands());
    operands.addAll(given);
    // Both sides answer the cotangents that either has; a first look says which.
    boolean[] either = new boolean[arguments.size()];
    for (Region side : node.regions()) {
      List<@Nullable Value> dx = through(b.nested(), side, arguments, dy);
      for (int i = 0; i < either.length; i++) {
        either[i] |= dx.get(i) != null;
      }
    }
    List<Region> sides = new ArrayList<>();
    for (Region side : node.regions()) {
      GraphBuilder inner = b.nested();
      List<@Nullable Value> derived = through(inner, side, arguments, dy);
      List<Value> results = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        if (either[i]) {
          Value d = derived.get(i);
          results.add(d == null ? inner.fill(arguments.get(i).type(), 0) : d);
        }
      }
      sides.add(inner.region(results));
    }
    Node grad = new Node(this, operands.stream().map(b::use).toList(), sides, "", node.span());
    if (!grad.results().isEmpty()) {
      b.append(grad);
    }
    List<@Nullable Value> out = new ArrayList<>();
    out.add(null);
    int next = 0;
    for (boolean has : either) {
      out.add(has ? grad.result(next++) : null);
    }
    return out;
  }

  /// Derives one side in `inner`, whose parameters become the arguments and the cotangents given.
  private static List<@Nullable Value> through(
      GraphBuilder inner, Region side, List<Value> arguments, List<@Nullable Value> dy) {
    List<Value> params = arguments.stream().map(v -> inner.parameter(v.type(), v.name())).toList();
    List<@Nullable Value> cotangents = new ArrayList<>();
    for (Value d : dy) {
      cotangents.add(d == null ? null : inner.parameter(d.type(), d.name()));
    }
    return ReverseMode.through(inner, side, params, cotangents);
  }
}
