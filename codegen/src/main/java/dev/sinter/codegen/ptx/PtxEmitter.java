package dev.sinter.codegen.ptx;

import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Special;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// A legal thread kernel as one entry of PTX, a line or two for each step. Registers stay as they
/// are in SSA form: which machine register they share is for ptxas to find.
final class PtxEmitter {
  private final ThreadKernel kernel;
  private final StringBuilder text = new StringBuilder();
  private final Map<Register, String> names = new HashMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final List<String> bases = new ArrayList<>();
  private final List<String> arrays = new ArrayList<>();
  private int loops;

  private PtxEmitter(ThreadKernel kernel) {
    this.kernel = kernel;
  }

  /// The entry for `kernel`.
  static String emit(ThreadKernel kernel) {
    return new PtxEmitter(kernel).entry();
  }

  private String entry() {
    String name = identifier(kernel.name());
    for (int i = 0; i < kernel.buffers().size(); i++) {
      bases.add(fresh("rd"));
      line("ld.param.u64 %s, [%s]".formatted(bases.get(i), bufferParam(name, i)));
      line("cvta.to.global.u64 %s, %s".formatted(bases.get(i), bases.get(i)));
    }
    for (int i = 0; i < kernel.shared().size(); i++) {
      arrays.add(fresh("r"));
      line("mov.u32 %s, %s".formatted(arrays.get(i), array(name, i)));
    }
    steps(kernel.body());
    line("ret");
    return head(name) + declarations(name) + text + "}\n";
  }

  private String head(String name) {
    List<String> params = new ArrayList<>();
    for (int i = 0; i < kernel.buffers().size(); i++) {
      params.add("  .param .u64 " + bufferParam(name, i));
    }
    kernel.sizes().forEach(size -> params.add("  .param .u32 " + sizeParam(name, size)));
    return "// blocks: "
        + kernel.grid().blocks()
        + "\n.visible .entry "
        + name
        + "(\n"
        + String.join(",\n", params)
        + "\n)\n.maxntid "
        + kernel.grid().threads()
        + ", 1, 1\n{\n";
  }

  private String declarations(String name) {
    StringBuilder out = new StringBuilder();
    counts.forEach((letters, count) -> {
      String type =
          switch (letters) {
            case "r" -> "b32";
            case "rd" -> "b64";
            case "f" -> "f32";
            case "fd" -> "f64";
            default -> "pred";
          };
      out.append("  .reg .%s %%%s<%d>;\n".formatted(type, letters, count));
    });
    for (int i = 0; i < kernel.shared().size(); i++) {
      out.append(
          "  .shared .align 16 .b8 %s[%d];\n"
              .formatted(array(name, i), kernel.shared().get(i).bytes()));
    }
    return out.toString();
  }

  private String bufferParam(String entry, int buffer) {
    return entry + "_" + buffer + "_" + identifier(kernel.buffers().get(buffer).name());
  }

  private static String sizeParam(String entry, String size) {
    return entry + "_size_" + identifier(size);
  }

  private String array(String entry, int array) {
    return entry + "_" + identifier(kernel.shared().get(array).name());
  }

  /// A name of PTX: other characters become underscores.
  static String identifier(String name) {
    String word = name.replaceAll("[^A-Za-z0-9_]", "_");
    return word.isEmpty() || !Character.isLetter(word.charAt(0)) ? "k" + word : word;
  }

  private void line(String instruction) {
    text.append("  ").append(instruction).append(";\n");
  }

  private String fresh(String letters) {
    return "%" + letters + (counts.merge(letters, 1, Integer::sum) - 1);
  }

  private String name(Register register) {
    return names.computeIfAbsent(register, r -> fresh(PtxOps.letters(r.type())));
  }

  private static String guard(Optional<String> only) {
    return only.map(p -> "@" + p + " ").orElse("");
  }

  private void steps(List<Step> steps) {
    for (Step step : steps) {
      switch (step) {
        case Step.Define(Register to, Expr value) -> define(to, value);
        case Step.Load load -> load(load);
        case Step.Store store -> store(store);
        case Step.Copies copies -> {
          copies.transfers().forEach(this::transfer);
          line("cp.async.commit_group");
        }
        case Step.Wait(int pending) -> line("cp.async.wait_group %d".formatted(pending));
        case Step.Barrier() -> line("bar.sync 0");
        case Step.Await _ -> throw new CompilerBug("PtxEmitter", "an await is left");
        case Step.For loop -> loop(loop);
      }
    }
  }

  private void define(Register to, Expr value) {
    String out = name(to);
    switch (value) {
      case Expr.Own(Special special) ->
          line("mov.u32 %s, %s".formatted(out, special == Special.THREAD ? "%tid.x" : "%ctaid.x"));
      case Expr.Size(String symbol) ->
          line(
              "ld.param.u32 %s, [%s]".formatted(out, sizeParam(identifier(kernel.name()), symbol)));
      case Expr.Constant(var literal) ->
          line("mov.%s %s, %s".formatted(PtxOps.bits(to.type()), out, PtxOps.literal(literal)));
      case Expr.Apply(ScalarFn fn, List<Register> args) -> apply(fn, out, args);
      case Expr.Cast(RegisterType type, Register arg) ->
          line("%s %s, %s".formatted(PtxOps.cast(type, arg.type()), out, name(arg)));
      case Expr.Bits(RegisterType type, Register arg) ->
          line("mov.b%d %s, %s".formatted(type.dtype().bits(), out, name(arg)));
      case Expr.Shuffle(Register arg, int mask) -> shuffle(out, arg, mask);
    }
  }

  private void apply(ScalarFn fn, String out, List<Register> args) {
    String op = PtxOps.scalar(fn, args.getLast().type());
    List<String> operands = new ArrayList<>(args.stream().map(this::name).toList());
    switch (fn) {
      case SELECT -> operands.add(operands.removeFirst());
      case IS_NAN -> operands.add(operands.getFirst());
      default -> {}
    }
    line("%s %s, %s".formatted(op, out, String.join(", ", operands)));
  }

  private void shuffle(String out, Register arg, int mask) {
    String in = name(arg);
    if (arg.type().dtype().bits() == 32) {
      line("shfl.sync.bfly.b32 %s, %s, %d, 31, -1".formatted(out, in, mask));
      return;
    }
    String low = fresh("r");
    String high = fresh("r");
    line("mov.b64 {%s, %s}, %s".formatted(low, high, in));
    line("shfl.sync.bfly.b32 %s, %s, %d, 31, -1".formatted(low, low, mask));
    line("shfl.sync.bfly.b32 %s, %s, %d, 31, -1".formatted(high, high, mask));
    line("mov.b64 %s, {%s, %s}".formatted(out, low, high));
  }

  /// The operand for a place, after a line that computes its address.
  private String address(Place place) {
    int bytes = dtype(place.memory()).bits() / 8;
    String index = name(place.index());
    String at;
    switch (place.memory()) {
      case Memory.Global(int buffer) -> {
        at = fresh("rd");
        line("mad.wide.s32 %s, %s, %d, %s".formatted(at, index, bytes, bases.get(buffer)));
      }
      case Memory.Shared(int array) -> {
        at = fresh("r");
        line("mad.lo.s32 %s, %s, %d, %s".formatted(at, index, bytes, arrays.get(array)));
      }
    }
    long offset = (long) place.offset() * bytes;
    return offset == 0 ? "[" + at + "]" : "[" + at + "+" + offset + "]";
  }

  private DType dtype(Memory memory) {
    return switch (memory) {
      case Memory.Global(int buffer) -> kernel.buffers().get(buffer).dtype();
      case Memory.Shared(int array) -> kernel.shared().get(array).dtype();
    };
  }

  private static String space(Memory memory) {
    return switch (memory) {
      case Memory.Global _ -> "global";
      case Memory.Shared _ -> "shared";
    };
  }

  private static String vector(List<String> registers) {
    return registers.size() == 1
        ? registers.getFirst()
        : registers.stream().collect(Collectors.joining(", ", "{", "}"));
  }

  private static String width(int count) {
    return count == 1 ? "" : ".v" + count;
  }

  private void load(Step.Load load) {
    RegisterType type = load.to().getFirst().type();
    // A bool is a byte of memory and no register of its own can be loaded from it.
    boolean bool = type == RegisterType.BOOL;
    List<String> to = load.to().stream().map(r -> bool ? fresh("r") : name(r)).toList();
    String bits = bool ? "b32" : PtxOps.bits(type);
    String address = address(load.from());
    if (load.only().isPresent()) {
      to.forEach(register -> line("mov.%s %s, %s".formatted(bits, register, zero(bits))));
    }
    line(
        "%sld.%s%s.%s %s, %s"
            .formatted(
                guard(load.only().map(this::name)),
                space(load.from().memory()),
                width(to.size()),
                bool ? "u8" : bits,
                vector(to),
                address));
    for (int i = 0; bool && i < to.size(); i++) {
      line("setp.ne.s32 %s, %s, 0".formatted(name(load.to().get(i)), to.get(i)));
    }
  }

  private static String zero(String bits) {
    return switch (bits) {
      case "f32" -> "0f00000000";
      case "f64" -> "0d0000000000000000";
      default -> "0";
    };
  }

  private void store(Step.Store store) {
    RegisterType type = store.values().getFirst().type();
    boolean bool = type == RegisterType.BOOL;
    List<String> values = new ArrayList<>();
    for (Register value : store.values()) {
      if (bool) {
        String number = fresh("r");
        line("selp.b32 %s, 1, 0, %s".formatted(number, name(value)));
        values.add(number);
      } else {
        values.add(name(value));
      }
    }
    String address = address(store.to());
    line(
        "%sst.%s%s.%s %s, %s"
            .formatted(
                guard(store.only().map(this::name)),
                space(store.to().memory()),
                width(values.size()),
                bool ? "u8" : PtxOps.bits(type),
                address,
                vector(values)));
  }

  private void transfer(Transfer transfer) {
    int bytes = transfer.elements() * dtype(transfer.to().memory()).bits() / 8;
    String to = address(transfer.to());
    String from = address(transfer.from());
    String read = "";
    if (transfer.only().isPresent()) {
      String count = fresh("r");
      line("selp.b32 %s, %d, 0, %s".formatted(count, bytes, name(transfer.only().get())));
      read = ", " + count;
    }
    // Only 16 bytes may go around the first cache.
    String cache = bytes == 16 ? "cg" : "ca";
    line("cp.async.%s.shared.global %s, %s, %d%s".formatted(cache, to, from, bytes, read));
  }

  private void loop(Step.For loop) {
    List<Carried> carried =
        loop.carried().stream().filter(c -> c.inside().type() != RegisterType.TOKEN).toList();
    String label = "$" + identifier(kernel.name()) + "_loop" + loops;
    String end = "$" + identifier(kernel.name()) + "_end" + loops;
    loops++;
    String index = name(loop.index());
    String done = fresh("p");
    line("mov.b32 %s, %s".formatted(index, name(loop.from())));
    for (Carried c : carried) {
      line(
          "mov.%s %s, %s"
              .formatted(PtxOps.bits(c.inside().type()), name(c.inside()), name(c.initial())));
    }
    line("setp.ge.s32 %s, %s, %s".formatted(done, index, name(loop.to())));
    line("@%s bra %s".formatted(done, end));
    text.append(label).append(":\n");
    steps(loop.body());
    handOn(carried);
    line("add.s32 %s, %s, %d".formatted(index, index, loop.step()));
    line("setp.lt.s32 %s, %s, %s".formatted(done, index, name(loop.to())));
    line("@%s bra %s".formatted(done, label));
    text.append(end).append(":\n");
    for (Carried c : carried) {
      line(
          "mov.%s %s, %s"
              .formatted(PtxOps.bits(c.inside().type()), name(c.result()), name(c.inside())));
    }
  }

  /// Moves what a turn yields to what the next one sees, all at once: what is itself carried is
  /// saved first.
  private void handOn(List<Carried> carried) {
    List<String> sources = new ArrayList<>();
    for (Carried c : carried) {
      String source = name(c.yielded());
      if (carried.stream().anyMatch(other -> other.inside().equals(c.yielded()))) {
        String saved = fresh(PtxOps.letters(c.yielded().type()));
        line("mov.%s %s, %s".formatted(PtxOps.bits(c.yielded().type()), saved, source));
        source = saved;
      }
      sources.add(source);
    }
    for (int i = 0; i < carried.size(); i++) {
      Register to = carried.get(i).inside();
      line("mov.%s %s, %s".formatted(PtxOps.bits(to.type()), name(to), sources.get(i)));
    }
  }
}
