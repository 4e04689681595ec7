package dev.sinter.ir;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node does: attributes only; operands, regions and result types belong to the [Node].
///
/// Each op is declared once: [Pointwise] is a row of a table, a [Primitive] says what an element of
/// its result is, a [Composite] says what graph it stands for, [ControlFlow] runs its regions. From
/// the declaration follow interpreter, gradient, fusion, text form and every target. A few
/// algorithms that are no loop nest are an [Extern]. A [RuntimeSize] makes a value a size; a
/// [dev.sinter.ir.op.BitCast] reads memory otherwise. [Gradient] asks for a derivative until
/// `Differentiate` has answered it.
public sealed interface Op
    permits Pointwise,
        Primitive,
        ControlFlow,
        Composite,
        Extern,
        RuntimeSize,
        dev.sinter.ir.op.BitCast,
        Gradient {
  /// The name in the text form, such as `reduce`.
  String mnemonic();

  /// The results' types.
  ///
  /// @throws OpException if the operands do not fit, with a sentence that says why
  List<TensorType> infer(List<TensorType> operands, List<Region> regions);

  /// Reverse-mode derivative: for each operand the cotangent that `dy` gives it, null where it is
  /// zero or the operand is not differentiable.
  ///
  /// @param b where new nodes go
  /// @param node the node differentiated; its operands and results may be used
  /// @param dy for each result its cotangent, null for zero; not all are null
  List<@Nullable Value> vjp(GraphBuilder b, Node node, List<@Nullable Value> dy);
}
