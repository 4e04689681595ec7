package dev.sinter.ir.op;

import dev.sinter.ir.AxisNames;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Node;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Primitive;
import dev.sinter.ir.Region;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A new key made of a key and a number; different numbers give independent keys.
///
/// Operands: the key, `u32[2]`, and the number, an integer scalar, of which the low 32 bits count.
/// The counters are `(number, 2^32 - 1)` and `(number, 2^32 - 2)`, which [RandomBits] never uses,
/// so that a key may be both folded and drawn from.
public record FoldKey() implements Primitive {
  private static final long LAST = 0xffff_ffffL;

  @Override
  public String mnemonic() {
    return "fold_key";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 2, 2);
    RandomBits.checkKey(operands.get(0));
    TensorType number = operands.get(1);
    if (number.rank() != 0 || !number.dtype().isInteger()) {
      throw new OpException("a key is folded with an integer scalar, not with " + number);
    }
    return List.of(operands.get(0));
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Elem number = new Elem.Cast(DType.U32, Elem.read(1, List.of()));
    Elem low =
        Elem.call(
            ScalarFn.SUB,
            Elem.literal(DType.U32, LAST),
            new Elem.IndexValue(DType.U32, at.getFirst()));
    return RandomBits.word(number, low);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Arrays.asList(null, null);
  }
}
