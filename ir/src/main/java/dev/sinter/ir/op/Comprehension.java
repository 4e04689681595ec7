package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A tensor given element by element, as index notation in the language writes it.
///
/// @param axes the result's axes, whose symbols `body` uses
/// @param body what the element is
public record Comprehension(List<Axis> axes, Elem body) implements Primitive {
  public Comprehension {
    axes = List.copyOf(axes);
  }

  @Override
  public String mnemonic() {
    return "comprehension";
  }

  @Override
  public Kind kind() {
    return Kind.GENERAL;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    DType dtype;
    try {
      dtype = body.dtype(operands);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new OpException(
          "index notation over " + operands + " of types that do not fit: " + e.getMessage());
    }
    for (Elem.Read read : body.reads()) {
      TensorType operand = operands.get(read.operand());
      if (read.at().size() != operand.rank()) {
        throw new OpException("index notation reads %s of %s".formatted(read, operand));
      }
    }
    return List.of(new TensorType(dtype, axes.stream().map(Axis::extent).toList()));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return body.renamed(fresh, bindings(axes, at));
  }

  static Map<String, Dim> bindings(List<Axis> axes, List<Dim> at) {
    Map<String, Dim> bindings = new HashMap<>();
    for (int i = 0; i < axes.size(); i++) {
      bindings.put(axes.get(i).symbol(), at.get(i));
    }
    return bindings;
  }
}
