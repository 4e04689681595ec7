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
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Independent random words drawn from a key: element `i` in row-major order is the first word of
/// [ScalarFn#THREEFRY] of the key and the counter `(0, i)`. The same key gives the same words.
///
/// The operand is the key, `u32[2]`; the result is of `u32`.
///
/// @param shape the sizes, of less than 2^31 elements
public record RandomBits(List<Dim> shape) implements Primitive {
  static final TensorType KEY = TensorType.of(DType.U32, 2);

  public RandomBits {
    shape = List.copyOf(shape);
  }

  @Override
  public String mnemonic() {
    return "random_bits";
  }

  @Override
  public Kind kind() {
    return Kind.INDEXING;
  }

  @Override
  public List<TensorType> infer(List<TensorType> operands, List<Region> regions) {
    OpException.checkCount(this, operands, 1, 1);
    checkKey(operands.getFirst());
    Dim size = Dim.product(shape);
    if (size.isConstant() && size.constant() > Integer.MAX_VALUE) {
      throw new OpException("a key draws fewer than 2^31 words, not " + size);
    }
    return List.of(new TensorType(DType.U32, shape));
  }

  static void checkKey(TensorType key) {
    if (!key.equals(KEY)) {
      throw new OpException("a key is " + KEY + ", not " + key);
    }
  }

  @Override
  public Elem define(List<TensorType> operands, List<Dim> at, AxisNames fresh) {
    Dim linear = Dim.ZERO;
    for (int i = 0; i < at.size(); i++) {
      linear = linear.times(shape.get(i)).plus(at.get(i));
    }
    return word(Elem.literal(DType.U32, 0L), new Elem.IndexValue(DType.U32, linear));
  }

  /// The word of the key in operand 0 at a counter.
  static Elem word(Elem high, Elem low) {
    Elem first = Elem.read(0, List.of(Dim.ZERO));
    Elem second = Elem.read(0, List.of(Dim.ONE));
    return Elem.call(ScalarFn.THREEFRY, first, second, high, low);
  }

  @Override
  public List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy) {
    return Collections.singletonList(null);
  }
}
