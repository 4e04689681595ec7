package dev.sinter.ir.op;

import dev.sinter.ir.Axis;
import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The sum of products of two tensors whose axes are named by letters, as in `mk,kn->mn`: a letter
/// that the result lacks is summed over.
///
/// Beside a left operand of floats the right one may be integers of 8 bits: weights that were made
/// such for a run. No model has that.
///
/// @param left a letter for each axis of operand 0, all different
/// @param right a letter for each axis of operand 1, all different
/// @param out the result's letters, each one of the operands'; a letter that only one operand has
///   and the result lacks is summed as well
/// @param accumulator the type in which it is summed
public record Contract(String left, String right, String out, DType accumulator)
    implements Primitive {
  /// Adds a contraction that accumulates in the compute type of the operands, which have one type.
  public static Value of(GraphBuilder b, String spec, Value left, Value right) {
    if (left.type().dtype() != right.type().dtype()) {
      throw new OpException("contract " + spec + " of " + left.type() + " and " + right.type());
    }
    int comma = spec.indexOf(',');
    int arrow = spec.indexOf("->");
    return b.add(
        new Contract(
            spec.substring(0, comma),
            spec.substring(comma + 1, arrow),
            spec.substring(arrow + 2),
            left.type().dtype().compute()),
        left,
        right);
  }

  @Override
  public String mnemonic() {
    return "contract";
  }

  @Override
  public Kind kind() {
    return Kind.CONTRACTION;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    TensorType a = operands.get(0);
    TensorType b = operands.get(1);
    boolean alike =
        a.dtype() == b.dtype()
            || (a.dtype().isFloat() && a.dtype() == accumulator && b.dtype() == DType.I8);
    if (a.rank() != left.length() || b.rank() != right.length() || !alike) {
      throw new OpException("contract " + this + " of " + a + " and " + b);
    }
    for (String letters : List.of(left, right, out)) {
      if (letters.chars().distinct().count() != letters.length()) {
        throw new OpException("an axis of " + this + " has the name of another");
      }
    }
    Map<Character, Dim> sizes = sizes(operands);
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < out.length(); i++) {
      char letter = out.charAt(i);
      Dim size = sizes.get(letter);
      if (size == null) {
        throw new OpException("no operand of " + this + " has the axis " + letter);
      }
      shape.add(size);
    }
    return List.of(a.withShape(shape));
  }

  /// The size of each letter.
  public Map<Character, Dim> sizes(List<TensorType> operands) {
    Map<Character, Dim> sizes = new LinkedHashMap<>();
    for (int operand = 0; operand < 2; operand++) {
      String letters = operand == 0 ? left : right;
      for (int i = 0; i < letters.length(); i++) {
        Dim size = operands.get(operand).dim(i);
        Dim before = sizes.putIfAbsent(letters.charAt(i), size);
        if (before != null && !before.equals(size)) {
          throw new OpException(
              "axis "
                  + letters.charAt(i)
                  + " of "
                  + this
                  + " is "
                  + before
                  + " in one operand and "
                  + size
                  + " in the other");
        }
      }
    }
    return sizes;
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Map<Character, Dim> index = new LinkedHashMap<>();
    for (int i = 0; i < out.length(); i++) {
      index.put(out.charAt(i), at.get(i));
    }
    List<Axis> bound = new ArrayList<>();
    sizes(operands)
        .forEach((letter, size) -> {
          if (out.indexOf(letter) < 0) {
            Axis axis = fresh.axis(size);
            bound.add(axis);
            index.put(letter, axis.index());
          }
        });
    DType dtype = operands.getFirst().dtype();
    Elem other = read(1, right, index);
    boolean narrow = operands.get(1).dtype() != dtype;
    return sumOfProducts(
        dtype,
        accumulator,
        bound,
        List.of(),
        read(0, left, index),
        narrow ? new Elem.Cast(dtype, other) : other);
  }

  /// The sum over `bound` of `left * right` where `conditions` hold, multiplied and summed in
  /// `accumulator` and rounded to `dtype` at the end.
  static Elem sumOfProducts(
      DType dtype,
      DType accumulator,
      List<Axis> bound,
      List<Elem> conditions,
      Elem left,
      Elem right) {
    boolean wider = accumulator != dtype;
    Elem product =
        wider
            ? Elem.call(
                ScalarFn.MUL, new Elem.Cast(accumulator, left), new Elem.Cast(accumulator, right))
            : Elem.call(ScalarFn.MUL, left, right);
    Elem part = Elem.select(conditions, product, Elem.literal(accumulator, 0.0));
    Elem sum = bound.isEmpty() ? part : new Elem.Reduce(Reducer.SUM, accumulator, bound, part);
    return wider ? new Elem.Cast(dtype, sum) : sum;
  }

  private static Elem read(int operand, String letters, Map<Character, Dim> index) {
    return Elem.read(
        operand,
        letters.chars().mapToObj(c -> Objects.requireNonNull(index.get((char) c))).toList());
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value cotangent = Objects.requireNonNull(dy.getFirst());
    List<@Nullable Value> grads = new ArrayList<>();
    grads.add(adjoint(b, cotangent, right, node.operand(1), left, node.operand(0)));
    grads.add(
        node.operand(1).type().dtype().isFloat()
            ? adjoint(b, cotangent, left, node.operand(0), right, node.operand(1))
            : null);
    return grads;
  }

  /// `dy * other`, summed over what `mine` lacks, repeated along what only `mine` has.
  private Value adjoint(
      GraphBuilder b, Value dy, String others, Value other, String mine, Value like) {
    StringBuilder reachable = new StringBuilder();
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < mine.length(); i++) {
      if (out.indexOf(mine.charAt(i)) >= 0 || others.indexOf(mine.charAt(i)) >= 0) {
        reachable.append(mine.charAt(i));
        places.add(i);
      }
    }
    Value sum = b.add(new Contract(out, others, reachable.toString(), accumulator), dy, other);
    return places.size() == mine.length()
        ? sum
        : b.add(new Broadcast(places, like.type().shape()), sum);
  }

  @Override
  public String toString() {
    return left + "," + right + "->" + out;
  }
}
