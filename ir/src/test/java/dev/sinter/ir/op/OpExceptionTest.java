package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Op;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Operands that do not fit are refused with a sentence.
class OpExceptionTest {
  private static TensorType f32(long... shape) {
    return TensorType.of(DType.F32, shape);
  }

  private static TensorType i32(long... shape) {
    return TensorType.of(DType.I32, shape);
  }

  private static void refuses(String sentence, Op op, TensorType... operands) {
    assertThatThrownBy(() -> op.infer(List.of(operands), List.of()))
        .isInstanceOf(OpException.class)
        .hasMessageContaining(sentence);
  }

  private static List<Dim> dims(long... sizes) {
    return java.util.Arrays.stream(sizes).mapToObj(Dim::of).toList();
  }

  @Test
  void ofDifferentShapes() {
    refuses("add of different shapes", Pointwise.ADD, f32(2), f32(3));
    refuses("add takes 2 operands, not 1", Pointwise.ADD, f32(2));
    refuses("add takes arguments of one type, not [f32, i32]", Pointwise.ADD, f32(2), i32(2));
    refuses("which has another size", new Reshape(dims(5)), f32(2, 3));
    refuses("differ in more than that axis", new Concat(1), f32(2, 3), f32(3, 3));
    refuses("have different ranks", new Concat(0), f32(2, 3), f32(3));
    refuses("not of one type", new Interleave(0, 2), f32(2, 3), f32(2, 4));
    refuses(
        "is 3 in one operand and 4 in the other", contract("mk", "kn", "mn"), f32(2, 3), f32(4, 5));
  }

  @Test
  void ofTilesThatDoNotFit() {
    refuses(
        "which has 7 places: it takes tiles of 4, and 2 more", new WinogradInput(1, 4), f32(2, 7));
    refuses("which has 2 places and not 3", new WinogradFilter(0, 2), f32(2, 3));
    refuses("whose first axis has 4 places and not 6", new WinogradOutput(0, 4), f32(4, 3));
    refuses("makes 2 or 4 results, not 3", new WinogradFilter(0, 3), f32(3));
    refuses("which has no floats", new WinogradInput(0, 2), i32(4));
  }

  private static Contract contract(String left, String right, String out) {
    return new Contract(left, right, out, DType.F32);
  }

  @Test
  void ofAxesThatAreNotThere() {
    refuses("along axis 2 of f32[2, 3]", new Concat(2), f32(2, 3));
    refuses("sum over axes [1, 0]", new Reduce(Reducer.SUM, List.of(1, 0), DType.F32), f32(2, 3));
    refuses("has the name of another", contract("mm", "mk", "k"), f32(2, 2), f32(2, 3));
    refuses(
        "no operand of mk,kn->mx has the axis x", contract("mk", "kn", "mx"), f32(2, 3), f32(3, 5));
    refuses("along [1, 0]", new Broadcast(List.of(1, 0), dims(3, 2)), f32(2, 3));
    refuses("broadcast of f32[2]", new Broadcast(List.of(), dims(3)), f32(2));
  }

  @Test
  void ofPlacesOutside() {
    refuses(
        "takes places 1 to 4 of axis 0 of f32[4], which has 4",
        new Slice(dims(1), dims(4), List.of(1L)),
        f32(4));
    refuses("has step 0", new Slice(dims(1), dims(2), List.of(0L)), f32(4));
    refuses("does not fit into f32[4]", new UpdateSlice(0), f32(4), f32(5), i32());
    refuses("starts at an integer scalar", new DynamicSlice(0, Dim.of(2)), f32(4), f32());
    refuses("a slice of 5 places", new DynamicSlice(0, Dim.of(5)), f32(4), i32());
    refuses("by indices of type f32[3]", new Gather(0), f32(4, 2), f32(3));
  }

  @Test
  void ofChannelsAndWindows() {
    Conv conv = new Conv(List.of(1L), List.of(0L), List.of(0L), List.of(1L), 2, DType.F32);
    refuses("3 channels in 2 groups does not fit an input of 4", conv, f32(1, 4, 9), f32(4, 3, 3));
    refuses("3 output channels are not divided into 2 groups", conv, f32(1, 4, 9), f32(3, 2, 3));
    refuses("a window of 3 does not fit into 2 places", conv, f32(1, 4, 2), f32(4, 2, 3));
    refuses(
        "takes [7] places, but f32[1, 4, 8] was given",
        new ConvInput(List.of(1L), List.of(0L), List.of(0L), List.of(1L), 2, dims(9), DType.F32),
        f32(1, 4, 8),
        f32(4, 2, 3));
  }

  @Test
  void ofTypesWithoutAMeaning() {
    TensorType bools = TensorType.of(DType.BOOL, 2);
    refuses("shr takes integers, not bool", Pointwise.SHR, bools, bools);
    refuses("exp takes floats, not i32", Pointwise.SOFTPLUS, i32(2));
    refuses("fill of u8 with -2", new Fill(DType.U8, -2, -2, dims(2)));
    Axis axis = new Axis("%0", Dim.of(2));
    Elem element = Elem.read(0, List.of(axis.index()));
    refuses(
        "add takes numbers, not bool",
        new Comprehension(
            List.of(), new Elem.Reduce(Reducer.SUM, DType.BOOL, List.of(axis), element)),
        bools);
    refuses(
        "sqrt takes floats, not i32",
        new Accumulate(
            Reducer.SUM,
            List.of(axis),
            dims(2),
            List.of(new Elem.IndexValue(DType.I64, axis.index())),
            Elem.call(ScalarFn.SQRT, element)),
        i32(2));
  }

  @Test
  void ofLabelsKeysAndMasks() {
    refuses("takes integer labels [2]", new CrossEntropy(1), f32(2, 3), i32(3));
    refuses("a key is u32[2]", new RandomBits(dims(3)), i32(2));
    refuses("takes a factor f32[3]", new LayerNorm(List.of(1), 1e-5), f32(2, 3), f32(2));
    refuses("attention of", new Attention(false, false, 1), f32(3, 4), f32(2, 3, 4), f32(3, 4));
  }

  @Test
  void acceptsSymbolsThatAreEqualInNormalForm() {
    Dim n = Dim.symbol("N");
    TensorType left = TensorType.of(DType.F32, n.plus(1).times(2), Dim.of(3));
    TensorType right = TensorType.of(DType.F32, n.times(2).plus(2), Dim.of(3));
    assertThat(Pointwise.ADD.infer(List.of(left, right), List.of())).containsExactly(left);
    TensorType cut =
        new Slice(List.of(n, Dim.ZERO), List.of(n, Dim.of(3)), List.of(1L, 1L))
            .infer(List.of(left), List.of())
            .getFirst();
    assertThat(cut).isEqualTo(TensorType.of(DType.F32, n, Dim.of(3)));
  }
}
