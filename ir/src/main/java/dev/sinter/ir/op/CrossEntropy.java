package dev.sinter.ir.op;

import dev.sinter.ir.Composite;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The cross-entropy of logits against integer labels, for each example: `logsumexp(x) - x[label]`,
/// computed without forming the softmax.
///
/// Operands: logits, and labels of any integer type, of the logits' shape without the axis of
/// classes. An example whose label is no class, such as -1, has the loss 0 and no gradient.
///
/// @param axis the logits' axis of classes
public record CrossEntropy(int axis) implements Composite {
  @Override
  public String mnemonic() {
    return "cross_entropy";
  }

  @Override
  public List<Value> expand(GraphBuilder b, List<Value> operands, List<Region> regions) {
    Value logits = operands.get(0);
    Value labels = operands.get(1);
    OpException.checkAxis(this, logits.type(), axis);
    List<Dim> shape = new ArrayList<>(logits.type().shape());
    shape.remove(axis);
    if (!labels.type().shape().equals(shape) || !labels.type().dtype().isInteger()) {
      throw new OpException(
          "cross-entropy of "
              + logits.type()
              + " along axis "
              + axis
              + " takes integer labels "
              + shape
              + ", not "
              + labels.type());
    }
    DType dtype = logits.type().dtype();
    Value x = Cast.to(b, logits, dtype.compute());
    Value hit = hit(b, logits, labels);
    Value zero = b.fill(x.type(), 0);
    Value picked = Reduce.of(b, Reducer.SUM, List.of(axis), b.add(Pointwise.SELECT, hit, x, zero));
    Value loss = b.add(Pointwise.SUB, b.add(new LogSumExp(axis), x), picked);
    Value isClass = b.add(new Reduce(Reducer.ANY, List.of(axis), DType.BOOL), hit);
    return List.of(
        Cast.to(b, b.add(Pointwise.SELECT, isClass, loss, b.fill(loss.type(), 0)), dtype));
  }

  /// Which class is the label.
  private Value hit(GraphBuilder b, Value logits, Value labels) {
    DType index = Elem.indexType(labels.type().dtype());
    Value label = Broadcast.over(b, Cast.to(b, labels, index), List.of(axis), logits);
    return b.add(Pointwise.EQ, b.add(new Iota(index, axis, logits.type().shape())), label);
  }

  /// `(softmax(x) - 1[label]) * dy`.
  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    Value x = node.operand(0);
    Value hit = hit(b, x, node.operand(1));
    Value isClass = b.add(new Reduce(Reducer.ANY, List.of(axis), DType.BOOL), hit);
    Value d = Objects.requireNonNull(dy.getFirst());
    Value counted = b.add(Pointwise.SELECT, isClass, d, b.fill(d.type(), 0));
    Value p = b.add(new Softmax(axis), x);
    Value less = b.add(Pointwise.SUB, p, b.fill(p.type(), 1));
    Value slope = b.add(Pointwise.SELECT, hit, less, p);
    return Arrays.asList(
        b.add(Pointwise.MUL, slope, Broadcast.over(b, counted, List.of(axis), x)), null);
  }
}
