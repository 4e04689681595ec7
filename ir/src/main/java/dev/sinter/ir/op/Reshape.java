package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The same elements in the same row-major order under other sizes.
///
/// @param shape the result's sizes, of the same product
public record Reshape(List<Dim> shape) implements Primitive {
  public Reshape {
    shape = List.copyOf(shape);
  }

  @Override
  public String mnemonic() {
    return "reshape";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    TensorType x = operands.getFirst();
    if (!x.size().equals(Dim.product(shape))) {
      throw new OpException("reshape of " + x + " to " + shape + ", which has another size");
    }
    return List.of(x.withShape(shape));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    return Elem.read(0, map(shape, at, operands.getFirst().shape()));
  }

  /// The index in a tensor of sizes `to` of the element that has index `at` under sizes `from`.
  ///
  /// Axes are matched in the smallest groups of equal product, so that an axis that both have stays
  /// itself.
  static List<Dim> map(List<Dim> from, List<Dim> at, List<Dim> to) {
    if (Dim.product(to).is(0)) {
      // There is no element, and no quotient by a size of 0.
      return Collections.nCopies(to.size(), Dim.ZERO);
    }
    List<Dim> out = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (j < to.size()) {
      int i0 = i;
      int j0 = j;
      Dim p = i < from.size() ? from.get(i++) : Dim.ONE;
      Dim q = to.get(j++);
      // Grow whichever group is behind until they are equal; at the latest with all axes.
      while (!p.equals(q)) {
        boolean growFrom = j == to.size() || (i < from.size() && behind(p, q));
        if (growFrom && i < from.size()) {
          p = p.times(from.get(i++));
        } else if (j < to.size()) {
          q = q.times(to.get(j++));
        } else {
          break;
        }
      }
      if (j == to.size()) {
        i = from.size();
      }
      Dim linear = Dim.ZERO;
      for (int k = i0; k < i; k++) {
        linear = linear.times(from.get(k)).plus(from.get(k).is(1) ? Dim.ZERO : at.get(k));
      }
      Dim stride = Dim.product(to.subList(j0, j));
      boolean outermost = true;
      for (int k = j0; k < j; k++) {
        if (to.get(k).is(1)) {
          out.add(Dim.ZERO);
          continue;
        }
        stride = stride.floorDiv(to.get(k));
        Dim quotient = linear.floorDiv(stride);
        out.add(outermost ? quotient : quotient.mod(to.get(k)));
        outermost = false;
      }
    }
    return out;
  }

  /// Whether `p` is a proper divisor of `q` as far as constants and shared factors tell.
  private static boolean behind(Dim p, Dim q) {
    if (p.isConstant() && q.isConstant()) {
      return p.constant() < q.constant();
    }
    Dim quotient = q.floorDiv(p);
    return quotient.times(p).equals(q);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return List.of(
        b.add(new Reshape(node.operand(0).type().shape()), Objects.requireNonNull(dy.getFirst())));
  }
}
