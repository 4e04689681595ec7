package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.CodeBlock;
import dev.sinter.codegen.java.kernel.Code.Level;
import dev.sinter.codegen.java.kernel.LoopAccesses.Access;
import dev.sinter.ir.Dim;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The byte offsets that an innermost loop counts from, computed before it.
///
/// C2 takes the check of bounds out of a loop where an offset is a `long` that does not change in
/// the loop plus a constant times the index; a sum of `int`s is checked in each turn.
///
/// Where a loop carries a whole register tile, the vectors' offsets are locals that move by a step
/// that C2 does not know ([SupportMethods#unknownOne()]). Otherwise it unrolls the loop, loads the
/// vectors of several turns first, and has no registers for them; source: `docs/CPU.md`.
final class Pointers {
  /// From so many carried vectors on a loop is not to be unrolled.
  private static final int TILE = 6;

  /// Where accesses count from: elements `base`, and `stride` more each turn.
  private record Origin(int buffer, Dim base, Dim stride, boolean moves) {}

  private final SupportMethods support;
  private final IndexCode index;
  private final List<LoopKernel.Buffer> buffers;
  private final List<String> names;
  private final Map<Origin, String> locals = new LinkedHashMap<>();
  private final Map<Element, CodeBlock> known = new HashMap<>();

  /// An element of a buffer.
  private record Element(int buffer, Dim at) {}

  private Pointers(
      SupportMethods support,
      IndexCode index,
      List<LoopKernel.Buffer> buffers,
      List<String> names) {
    this.support = support;
    this.index = index;
    this.buffers = buffers;
    this.names = names;
  }

  /// The pointers of `loop`, whose index is `i` in Java.
  static Pointers of(
      Statement.For loop,
      String i,
      LoopAccesses accesses,
      SupportMethods support,
      IndexCode index,
      List<LoopKernel.Buffer> buffers,
      List<String> bufferNames,
      JavaNames scope) {
    Pointers pointers = new Pointers(support, index, buffers, bufferNames);
    boolean tile = accesses.accumulators() >= TILE;
    for (Access access : accesses.accesses()) {
      pointers.add(loop, accesses, access, i, tile, scope);
    }
    return pointers;
  }

  private void add(
      Statement.For loop,
      LoopAccesses accesses,
      Access access,
      String i,
      boolean tile,
      JavaNames scope) {
    Dim stride = access.at().coefficient(loop.index());
    if (stride == null || stride.is(0) || buffers.get(access.buffer()).dtype().bits() < 8) {
      return;
    }
    Dim base = access.at().minus(stride.times(Dim.symbol(loop.index())));
    if (!accesses.isInvariant(base, loop.index()) || !accesses.isInvariant(stride, loop.index())) {
      return;
    }
    boolean moves = tile && access.vector() && loop.from().is(0) && loop.step().is(1);
    Dim lanes = moves ? lanesOf(base) : Dim.ZERO;
    Origin origin = new Origin(access.buffer(), base.minus(lanes), stride, moves);
    if (origin.base().is(0) && !moves) {
      return;
    }
    String local =
        locals.computeIfAbsent(
            origin, o -> scope.fresh(names.get(access.buffer()) + "From", "Step"));
    CodeBlock offset = CodeBlock.of("$L", local);
    if (!moves) {
      offset = CodeBlock.of("$L + $L * $L", local, bytes(access.buffer(), stride), i);
    } else if (!lanes.is(0)) {
      offset = CodeBlock.of("$L + $L", local, bytes(access.buffer(), lanes));
    }
    known.put(new Element(access.buffer(), access.at()), offset);
  }

  /// The whole vectors by which an index lies behind another one.
  private static Dim lanesOf(Dim base) {
    Dim multiple = base.coefficient(LoopKernel.LANES);
    if (multiple == null) {
      return Dim.ZERO;
    }
    long vectors =
        multiple.terms().stream()
            .filter(t -> t.atoms().isEmpty())
            .mapToLong(Dim.Term::coefficient)
            .sum();
    return Dim.symbol(LoopKernel.LANES).times(vectors);
  }

  private CodeBlock bytes(int buffer, Dim elements) {
    int bytes = buffers.get(buffer).dtype().bits() / 8;
    if (elements.isConstant()) {
      return CodeBlock.of("$LL", bytes * elements.constant());
    }
    return CodeBlock.of("$LL * $L", bytes, index.of(elements).at(Level.UNARY));
  }

  /// Declarations for before the loop.
  List<CodeBlock> declarations() {
    List<CodeBlock> out = new ArrayList<>();
    locals.forEach((origin, local) -> {
      CodeBlock start = CodeBlock.of("$LAt", names.get(origin.buffer()));
      out.add(
          origin.base().is(0)
              ? CodeBlock.of("long $L = $L", local, start)
              : CodeBlock.of(
                  "long $L = $L + $L", local, start, bytes(origin.buffer(), origin.base())));
      if (origin.moves()) {
        out.add(
            CodeBlock.of(
                "long $LStep = $L * $L",
                local,
                support.unknownOne(),
                bytes(origin.buffer(), origin.stride())));
      }
    });
    return out;
  }

  /// Statements for the end of the loop's body.
  List<CodeBlock> advances() {
    List<CodeBlock> out = new ArrayList<>();
    locals.forEach((origin, local) -> {
      if (origin.moves()) {
        out.add(CodeBlock.of("$L += $LStep", local, local));
      }
    });
    return out;
  }

  /// The byte offset of an element, if a pointer leads there.
  Optional<CodeBlock> offset(int buffer, Dim at) {
    return Optional.ofNullable(known.get(new Element(buffer, at)));
  }
}
