package dev.sinter.passes;

import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Lifetime;
import dev.sinter.ir.program.Program.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The buffers of a program while it is made.
final class Memory {
  private static final Lifetime NEVER = new Lifetime(0, 0);

  private final List<Buffer> buffers = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /// All buffers, in the order of their numbers.
  List<Buffer> buffers() {
    return buffers;
  }

  Buffer get(int number) {
    return buffers.get(number);
  }

  /// The buffer whose memory `number` lies in.
  int root(int number) {
    int root = number;
    while (buffers.get(root).alias().isPresent()) {
      root = buffers.get(root).alias().get();
    }
    return root;
  }

  /// A new buffer for what crosses the border.
  Source.Place border(String name, TensorType type, Origin origin) {
    return add(name, type, origin, Optional.empty());
  }

  /// A new buffer for a value made by a step.
  Source.Place temporary(Value value) {
    return add(name(value), value.type(), new Origin.Temporary(), Optional.empty());
  }

  /// A new buffer for `value` in the memory of another.
  Source.Place over(int buffer, Value value) {
    return add(name(value), value.type(), new Origin.Temporary(), Optional.of(buffer));
  }

  /// Puts a buffer that is not written yet into the memory of another.
  void share(int buffer, int with) {
    Buffer b = buffers.get(buffer);
    buffers.set(
        buffer,
        new Buffer(
            b.name(), b.dtype(), b.shape(), b.layout(), b.origin(), Optional.of(with), b.live()));
  }

  /// Whether a buffer is row-major.
  boolean isRowMajor(int buffer) {
    Buffer b = buffers.get(buffer);
    return b.layout().equals(Layout.rowMajor(b.shape().size()));
  }

  /// Whether a later value may lie in the memory of `buffer` once its own is dead.
  boolean isReusable(int buffer) {
    return switch (buffers.get(root(buffer)).origin()) {
      case Origin.Temporary _, Origin.Input _ -> true;
      case Origin.Output _, Origin.Weight _, Origin.State _, Origin.Constant _ -> false;
    };
  }

  private Source.Place add(String name, TensorType type, Origin origin, Optional<Integer> alias) {
    String unique = name;
    for (int i = 2; !names.add(unique); i++) {
      unique = name + "." + i;
    }
    buffers.add(
        new Program.Buffer(
            unique,
            type.dtype(),
            type.shape(),
            Layout.rowMajor(type.rank()),
            origin,
            alias,
            NEVER));
    return new Source.Place(buffers.size() - 1, List.<Dim>of());
  }

  private static String name(Value value) {
    if (!value.name().isEmpty()) {
      return value.name();
    }
    return value.definer() == null ? "value" : value.definer().op().mnemonic();
  }
}
