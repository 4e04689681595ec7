package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.DimParser;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads the text that [ThreadKernelPrinter] writes.
public final class ThreadKernelParser {
  private final List<String> lines;
  private final Map<Integer, RegisterType> types = new HashMap<>();
  private final Map<String, RegisterType> typeNames = new HashMap<>();
  private int next;
  private String[] words = new String[0];
  private int at;

  private ThreadKernelParser(String text) {
    this.lines = text.lines().toList();
    for (RegisterType type : RegisterType.values()) {
      typeNames.put(type.toString(), type);
    }
  }

  /// The kernel that `text` is.
  ///
  /// @throws IllegalArgumentException naming the line that is not as the printer writes it
  public static ThreadKernel parse(String text) {
    ThreadKernelParser parser = new ThreadKernelParser(text);
    try {
      return parser.kernel();
    } catch (IndexOutOfBoundsException | IllegalArgumentException fault) {
      throw new IllegalArgumentException(
          "line %d of a thread kernel: %s".formatted(parser.next, fault.getMessage()), fault);
    }
  }

  private String line() {
    String line = lines.get(next++).strip();
    words = line.split(" ");
    at = 0;
    return line;
  }

  private String peek() {
    return lines.get(next).strip();
  }

  private String word() {
    return words[at++];
  }

  private void expect(String word) {
    String found = word();
    if (!found.equals(word)) {
      throw new IllegalArgumentException("expected " + word + ", found " + found);
    }
  }

  private boolean take(String word) {
    boolean there = at < words.length && words[at].equals(word);
    at += there ? 1 : 0;
    return there;
  }

  private ThreadKernel kernel() {
    line();
    expect("threads");
    String name = word();
    expect("{");
    List<ThreadKernel.Buffer> buffers = new ArrayList<>();
    while (peek().startsWith("buffer ")) {
      String line = line();
      Dim elements = DimParser.parse(line.substring(line.indexOf('[') + 1, line.length() - 1));
      buffers.add(new ThreadKernel.Buffer(words[1], dtype(words[2]), elements));
    }
    List<String> sizes = new ArrayList<>();
    while (peek().startsWith("size ")) {
      line();
      sizes.add(words[1]);
    }
    String grid = line();
    int close = grid.lastIndexOf(')');
    Dim blocks = DimParser.parse(grid.substring(grid.indexOf('(') + 1, close));
    int threads = Integer.parseInt(words[words.length - 1]);
    List<ThreadKernel.SharedArray> shared = new ArrayList<>();
    while (peek().startsWith("shared ")) {
      line();
      shared.add(
          new ThreadKernel.SharedArray(words[1], dtype(words[2]), Integer.parseInt(words[3])));
    }
    List<Step> body = steps();
    if (next < lines.size()) {
      throw new IllegalArgumentException("text after the kernel's end");
    }
    return new ThreadKernel(
        name, buffers, sizes, new ThreadKernel.Grid(blocks, threads), shared, body);
  }

  private static DType dtype(String name) {
    return DType.parse(name)
        .orElseThrow(() -> new IllegalArgumentException("no type is named " + name));
  }

  /// Steps up to the line that closes them.
  private List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    while (!line().equals("}")) {
      steps.add(step());
    }
    return steps;
  }

  private Step step() {
    if (words[0].startsWith("%")) {
      return definition();
    }
    return switch (word()) {
      case "store" -> {
        Place to = place();
        List<Register> values = registers();
        yield new Step.Store(to, values, only());
      }
      case "await" -> new Step.Await(used());
      case "wait" -> new Step.Wait(Integer.parseInt(word()));
      case "barrier" -> new Step.Barrier();
      case "for" -> loop();
      default -> throw new IllegalArgumentException("no step is called " + words[0]);
    };
  }

  private Step definition() {
    List<Register> to = new ArrayList<>();
    while (!take("=")) {
      to.add(defined());
    }
    return switch (word()) {
      case "load" -> {
        Place from = place();
        yield new Step.Load(to, from, only());
      }
      case "copies" -> new Step.Copies(to.getFirst(), transfers());
      default -> {
        at--;
        yield new Step.Define(to.getFirst(), expr(to.getFirst().type()));
      }
    };
  }

  private Step loop() {
    Register index = defined();
    expect("=");
    Register from = used();
    expect("to");
    Register to = used();
    expect("by");
    int step = Integer.parseInt(word());
    // What a turn yields and what comes out is typed by what is inside.
    List<Carried> carried = new ArrayList<>();
    while (peek().startsWith("carry ")) {
      line();
      at = 1;
      Register inside = defined();
      expect("=");
      Register initial = used();
      expect("then");
      Register yielded = typed(inside.type());
      expect("gives");
      carried.add(new Carried(inside, initial, yielded, typed(inside.type())));
    }
    return new Step.For(index, from, to, step, carried, steps());
  }

  private List<Transfer> transfers() {
    List<Transfer> transfers = new ArrayList<>();
    while (!line().equals("}")) {
      Place to = place();
      expect("from");
      Place from = place();
      expect("of");
      int elements = Integer.parseInt(word());
      transfers.add(new Transfer(to, from, elements, only()));
    }
    return transfers;
  }

  private Expr expr(RegisterType type) {
    return switch (word()) {
      case "own" -> new Expr.Own(Special.valueOf(word().toUpperCase(Locale.ROOT)));
      case "size" -> new Expr.Size(word());
      case "constant" -> new Expr.Constant(literal(word()));
      case "apply" -> {
        ScalarFn fn = ScalarFn.valueOf(word().toUpperCase(Locale.ROOT));
        yield new Expr.Apply(fn, registers());
      }
      case "cast" -> new Expr.Cast(type, used());
      case "bits" -> new Expr.Bits(type, used());
      case "shuffle" -> {
        Register arg = used();
        yield new Expr.Shuffle(arg, Integer.parseInt(word()));
      }
      default -> throw new IllegalArgumentException("no value is called " + words[at - 1]);
    };
  }

  private static Elem.Literal literal(String text) {
    int open = text.indexOf('(');
    DType dtype = dtype(text.substring(0, open));
    String value = text.substring(open + 1, text.length() - 1);
    return (Elem.Literal)
        (dtype.isFloat()
            ? Elem.literal(dtype, Double.parseDouble(value))
            : Elem.literal(dtype, Long.parseLong(value)));
  }

  /// `global 0 [%1 + 2]`.
  private Place place() {
    String kind = word();
    int number = Integer.parseInt(word());
    Memory memory =
        switch (kind) {
          case "global" -> new Memory.Global(number);
          case "shared" -> new Memory.Shared(number);
          default -> throw new IllegalArgumentException("no memory is called " + kind);
        };
    Register index = register(word().substring(1), null);
    expect("+");
    String offset = word();
    return new Place(memory, index, Integer.parseInt(offset.substring(0, offset.length() - 1)));
  }

  private Optional<Register> only() {
    return take("if") ? Optional.of(used()) : Optional.empty();
  }

  private List<Register> registers() {
    List<Register> out = new ArrayList<>();
    while (at < words.length && words[at].startsWith("%")) {
      out.add(used());
    }
    return out;
  }

  private Register defined() {
    String name = word();
    RegisterType type = typeNames.get(word());
    if (type == null) {
      throw new IllegalArgumentException("no type is named " + words[at - 1]);
    }
    return register(name, type);
  }

  private Register typed(RegisterType type) {
    return register(word(), type);
  }

  private Register used() {
    return register(word(), null);
  }

  private Register register(String name, @Nullable RegisterType given) {
    if (!name.startsWith("%")) {
      throw new IllegalArgumentException("a register begins with %, not " + name);
    }
    int number = Integer.parseInt(name.substring(1));
    RegisterType type = given == null ? types.get(number) : given;
    if (type == null) {
      throw new IllegalArgumentException(name + " is used before it is defined");
    }
    types.put(number, type);
    return new Register(number, type);
  }
}
