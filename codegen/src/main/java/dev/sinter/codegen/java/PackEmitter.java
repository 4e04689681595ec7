package dev.sinter.codegen.java;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.ProgramSet;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.ModelSpec;
import dev.sinter.runtime.StateSpec;
import dev.sinter.runtime.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.lang.model.element.Modifier;

/// Prints how weights and states go from row-major to the layouts that kernels read, and back.
final class PackEmitter {
  /// A copy between row-major and a layout, of elements of so many bits.
  ///
  /// @param narrows whether elements of `f32` become `bf16`
  private record Copy(Layout layout, int rank, int bits, boolean packs, boolean narrows) {}

  private final ProgramSet set;
  private final ModelSpec spec;
  private final Constants constants;
  private final Optional<LoadEmitter> load;
  private final Map<Copy, String> copies = new LinkedHashMap<>();

  /// A weight before it is packed.
  ///
  /// @param from its elements, row-major
  private record Source(CodeBlock from, List<Dim> shape, DType dtype) {}

  PackEmitter(ProgramSet set, ModelSpec spec, GeneratedNames names) {
    this.set = set;
    this.spec = spec;
    this.constants = Constants.of(set);
    this.load = set.load().map(program -> new LoadEmitter(program, names));
  }

  /// Adds the methods of [dev.sinter.runtime.Program] on weights and states.
  void addTo(TypeSpec.Builder type) {
    addPackedSizes(type);
    addPack(type);
    Map<Integer, Layout> layouts = stateLayouts();
    if (!layouts.isEmpty()) {
      addStateBytes(type, layouts);
      addStateCopy(type, layouts, true);
      addStateCopy(type, layouts, false);
    }
    copies.forEach((copy, name) -> type.addMethod(copyMethod(copy, name)));
  }

  private void addPackedSizes(TypeSpec.Builder type) {
    List<CodeBlock> statements = new ArrayList<>();
    for (int i = 0; i < set.weights().size(); i++) {
      ProgramSet.PackedWeight weight = set.weights().get(i);
      if (ModelSpecs.isState(spec, weight.name())) {
        continue;
      }
      Source source = source(weight.name());
      statements.add(
          CodeBlock.of(
              "bytes[$L] = bytes($S, $L, $L);\n",
              i,
              weight.name(),
              lanes().of(weight.layout().size(source.shape())),
              weight.layout().storage(source.dtype()).bits()));
    }
    for (int c = 0; c < constants.all().size(); c++) {
      Constants.Packed constant = constants.all().get(c);
      statements.add(
          CodeBlock.of(
              "bytes[$L] = bytes($S, $L, $L);\n",
              set.weights().size() + c,
              "constant " + c,
              lanes().of(constant.layout().size(shape(constant))),
              constant.layout().storage(constant.tensor().dtype()).bits()));
    }
    ParameterSpec bytes = ParameterSpec.builder(ArrayTypeName.of(TypeName.LONG), "bytes").build();
    Chunks chunks = new Chunks(false, List.of(bytes));
    type.addMethod(
        method("packedSizes", ArrayTypeName.of(TypeName.LONG))
            .addStatement(
                "long[] bytes = new long[$L]", set.weights().size() + constants.all().size())
            .addCode(chunks.body("packedSizes", statements))
            .addStatement("return bytes")
            .build());
    type.addMethods(chunks.methods());
  }

  private void addPack(TypeSpec.Builder type) {
    List<CodeBlock> statements = new ArrayList<>();
    for (int i = 0; i < set.weights().size(); i++) {
      ProgramSet.PackedWeight weight = set.weights().get(i);
      if (ModelSpecs.isState(spec, weight.name())) {
        continue;
      }
      Source source = source(weight.name());
      TensorType what = new TensorType(source.dtype(), source.shape());
      statements.add(CodeBlock.of("// $L $L\n", SpanText.safe(weight.name()), what));
      statements.add(pack(source.from(), i, weight.layout(), source.shape(), source.dtype()));
    }
    for (int c = 0; c < constants.all().size(); c++) {
      Constants.Packed constant = constants.all().get(c);
      statements.add(
          pack(
              CodeBlock.of("constant$L()", c),
              set.weights().size() + c,
              constant.layout(),
              shape(constant),
              constant.tensor().dtype()));
      type.addMethod(constantMethod(c, constant.tensor()));
    }
    List<ParameterSpec> params =
        List.of(
            ParameterSpec.builder(ArrayTypeName.of(MemorySegment.class), "parameters").build(),
            ParameterSpec.builder(MemorySegment.class, "packed").build(),
            ParameterSpec.builder(ArrayTypeName.of(TypeName.LONG), "at").build());
    List<ParameterSpec> inner = new ArrayList<>(params);
    load.ifPresent(l -> inner.add(ParameterSpec.builder(MemorySegment.class, "made").build()));
    Chunks chunks = new Chunks(false, inner);
    CodeBlock body = chunks.body("pack", statements);
    type.addMethod(
        method("pack", TypeName.VOID)
            .addParameters(params)
            .addCode(load.map(l -> loaded(l, body)).orElse(body))
            .build());
    type.addMethods(chunks.methods());
    load.ifPresent(l ->
        l.addTo(
            type,
            name -> number(name).orElseThrow(),
            tensor -> {
              Layout plain = Layout.rowMajor(tensor.rank());
              return CodeBlock.of("constant$L()", constants.number(tensor, plain));
            }));
  }

  private static CodeBlock loaded(LoadEmitter load, CodeBlock body) {
    return CodeBlock.builder()
        .beginControlFlow("try ($T arena = $T.ofShared())", Arena.class, Arena.class)
        .addStatement("$T made = arena.allocate($LL, 64)", MemorySegment.class, load.bytes())
        .addStatement("load(parameters, made)")
        .add(body)
        .endControlFlow()
        .build();
  }

  private Source source(String weight) {
    OptionalInt number = number(weight);
    if (number.isPresent()) {
      var parameter = spec.parameters().get(number.getAsInt());
      return new Source(
          CodeBlock.of("parameters[$L]", number.getAsInt()),
          parameter.shape().stream().map(Dim::of).toList(),
          parameter.dtype());
    }
    LoadEmitter made =
        load.orElseThrow(() -> new CompilerBug("codegen", "no parameter is called " + weight));
    Program.Buffer result = made.result(weight);
    return new Source(made.from(weight), result.shape(), result.dtype());
  }

  private CodeBlock pack(CodeBlock from, int block, Layout layout, List<Dim> shape, DType dtype) {
    if (isRowMajor(layout, shape.size())) {
      return CodeBlock.of(
          "$T.copy($L, 0, packed, at[$L], $LL);\n",
          MemorySegment.class,
          from,
          block,
          dtype.bytes(Dim.product(shape).constant()));
    }
    CodeBlock.Builder call =
        CodeBlock.builder()
            .add("$L($L, packed, at[$L]", copy(layout, shape.size(), dtype, true), from, block);
    shape.forEach(dim -> call.add(", $L", dim));
    return call.add(");\n").build();
  }

  private static List<Dim> shape(Constants.Packed constant) {
    return java.util.Arrays.stream(constant.tensor().shape()).mapToObj(Dim::of).toList();
  }

  private static MethodSpec constantMethod(int number, Tensor tensor) {
    byte[] bytes = tensor.memory().toArray(ValueLayout.JAVA_BYTE);
    return MethodSpec.methodBuilder("constant" + number)
        .addJavadoc("$L, row-major.\n", tensor.type())
        .addModifiers(Modifier.PRIVATE, Modifier.STATIC)
        .returns(MemorySegment.class)
        .addStatement(
            "return $T.ofArray($T.getDecoder().decode($L))",
            MemorySegment.class,
            Base64.class,
            TextConstant.of(Base64.getEncoder().encodeToString(bytes)))
        .build();
  }

  private OptionalInt number(String weight) {
    for (int i = 0; i < spec.parameters().size(); i++) {
      if (spec.parameters().get(i).name().equals(weight)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /// The layouts of the states that are not kept row-major, by number.
  private Map<Integer, Layout> stateLayouts() {
    Map<String, Layout> all = new LinkedHashMap<>();
    for (Program program : set.entries()) {
      for (Program.Buffer buffer : program.buffers()) {
        String name =
            switch (buffer.origin()) {
              case Program.Origin.State(String state) -> state;
              case Program.Origin.Weight(String weight) -> weight;
              case Program.Origin.Input _,
                  Program.Origin.Output _,
                  Program.Origin.Constant _,
                  Program.Origin.Temporary _ ->
                  "";
            };
        if (ModelSpecs.isState(spec, name)) {
          Layout before = all.putIfAbsent(name, buffer.layout());
          if (before != null && !before.equals(buffer.layout())) {
            throw new CompilerBug("codegen", "state " + name + " has two layouts");
          }
        }
      }
    }
    Map<Integer, Layout> packed = new LinkedHashMap<>();
    for (int i = 0; i < spec.states().size(); i++) {
      StateSpec state = spec.states().get(i);
      Layout layout = all.get(state.name());
      if (layout != null && !isRowMajor(layout, state.dims().size())) {
        packed.put(i, layout);
      }
    }
    return packed;
  }

  private void addStateBytes(TypeSpec.Builder type, Map<Integer, Layout> layouts) {
    CodeBlock.Builder body = CodeBlock.builder().beginControlFlow("return switch (state)");
    layouts.forEach((number, layout) -> {
      StateSpec state = spec.states().get(number);
      List<Dim> shape = new ArrayList<>();
      for (int axis = 0; axis < state.dims().size(); axis++) {
        shape.add(Dim.symbol("shape[" + axis + "]"));
      }
      body.add(
          "case $L -> bytes($S, $L, $L);\n",
          number,
          state.name(),
          lanes().of(layout.size(shape)),
          state.dtype().bits());
    });
    body.add("default -> $T.super.stateBytes(state, shape);\n", dev.sinter.runtime.Program.class);
    type.addMethod(
        method("stateBytes", TypeName.LONG)
            .addParameter(int.class, "state")
            .addParameter(long[].class, "shape")
            .addCode(body.unindent().add("};\n").build())
            .build());
  }

  private void addStateCopy(TypeSpec.Builder type, Map<Integer, Layout> layouts, boolean packs) {
    String name = packs ? "packState" : "unpackState";
    String between = packs ? "from, to, at" : "from, at, to";
    CodeBlock.Builder body = CodeBlock.builder().beginControlFlow("switch (state)");
    layouts.forEach((number, layout) -> {
      StateSpec state = spec.states().get(number);
      int rank = state.dims().size();
      body.add("// $L\n", SpanText.safe(state.toString()));
      body.add("case $L -> $L($L", number, copy(layout, rank, state.dtype(), packs), between);
      for (int axis = 0; axis < rank; axis++) {
        body.add(", shape[$L]", axis);
      }
      body.add(");\n");
    });
    body.add(
        "default -> $T.super.$L(state, shape, $L);\n",
        dev.sinter.runtime.Program.class,
        name,
        between);
    MethodSpec.Builder method =
        method(name, TypeName.VOID)
            .addParameter(int.class, "state")
            .addParameter(long[].class, "shape")
            .addParameter(MemorySegment.class, "from");
    if (packs) {
      method.addParameter(MemorySegment.class, "to").addParameter(long.class, "at");
    } else {
      method.addParameter(long.class, "at").addParameter(MemorySegment.class, "to");
    }
    type.addMethod(method.addCode(body.endControlFlow().build()).build());
  }

  private String copy(Layout layout, int rank, DType dtype, boolean packs) {
    if (dtype.bits() < 8) {
      throw new CompilerBug("codegen", dtype + " is kept row-major only");
    }
    return copies.computeIfAbsent(
        new Copy(layout, rank, dtype.bits(), packs, layout.storage(dtype) != dtype),
        c -> (packs ? "packElements" : "unpackElements") + copies.size());
  }

  /// Element by element in row-major order; what the layout pads is zero.
  private static MethodSpec copyMethod(Copy copy, String name) {
    List<Dim> shape = new ArrayList<>();
    List<Dim> index = new ArrayList<>();
    for (int axis = 0; axis < copy.rank(); axis++) {
      shape.add(Dim.symbol("n" + axis));
      index.add(Dim.symbol("i" + axis));
    }
    MethodSpec.Builder method =
        MethodSpec.methodBuilder(name)
            .addModifiers(Modifier.PRIVATE)
            .addJavadoc("$L\n", copy.layout().toString())
            .addParameter(MemorySegment.class, "from");
    if (copy.packs()) {
      method.addParameter(MemorySegment.class, "to").addParameter(long.class, "at");
    } else {
      method.addParameter(long.class, "at").addParameter(MemorySegment.class, "to");
    }
    shape.forEach(n -> method.addParameter(long.class, n.toString()));
    int bits = copy.narrows() ? Short.SIZE : copy.bits();
    // Asked once: much of a load runs in the interpreter.
    DimExpression inMethod =
        new DimExpression(
            symbol -> CodeBlock.of("$L", symbol.equals(LoopKernel.LANES) ? "lanes" : symbol),
            false);
    CodeBlock size = inMethod.of(copy.layout().size(shape));
    CodeBlock place =
        CodeBlock.of("at + $L * $L", inMethod.of(copy.layout().offset(shape, index)), bits / 8);
    if (copy.layout()
        .offset(shape, index)
        .plus(copy.layout().size(shape))
        .symbols()
        .contains(LoopKernel.LANES)) {
      method.addStatement("long lanes = kernels.lanes()");
    }
    if (copy.packs()) {
      method.addStatement("to.asSlice(at, $L * $L).fill((byte) 0)", size, bits / 8);
    }
    method.addStatement("long i = 0");
    for (int axis = 0; axis < copy.rank(); axis++) {
      method.beginControlFlow("for (long i$L = 0; i$L < n$L; i$L++)", axis, axis, axis, axis);
    }
    CodeBlock plain = CodeBlock.of("i * $L", copy.bits() / 8);
    if (copy.narrows()) {
      method.addStatement(
          "float value = (float) $T.BF16.round(from.get($T.JAVA_FLOAT_UNALIGNED, $L))",
          DType.class,
          ValueLayout.class,
          plain);
      method.addStatement(
          "to.set($L, $L, (short) (Float.floatToRawIntBits(value) >>> 16))", element(bits), place);
    } else {
      method.addStatement(
          "to.set($L, $L, from.get($L, $L))",
          element(bits),
          copy.packs() ? place : plain,
          element(bits),
          copy.packs() ? plain : place);
    }
    method.addStatement("i++");
    for (int axis = 0; axis < copy.rank(); axis++) {
      method.endControlFlow();
    }
    return method.build();
  }

  private static CodeBlock element(int bits) {
    ClassName layout = ClassName.get(ValueLayout.class);
    return switch (bits) {
      case 8 -> CodeBlock.of("$T.JAVA_BYTE", layout);
      case 16 -> CodeBlock.of("$T.JAVA_SHORT_UNALIGNED", layout);
      case 32 -> CodeBlock.of("$T.JAVA_INT_UNALIGNED", layout);
      default -> CodeBlock.of("$T.JAVA_LONG_UNALIGNED", layout);
    };
  }

  private static DimExpression lanes() {
    return new DimExpression(
        name -> CodeBlock.of("$L", name.equals(LoopKernel.LANES) ? "kernels.lanes()" : name),
        false);
  }

  private static boolean isRowMajor(Layout layout, int rank) {
    return layout.equals(Layout.rowMajor(rank));
  }

  private static MethodSpec.Builder method(String name, TypeName result) {
    return MethodSpec.methodBuilder(name)
        .addAnnotation(Override.class)
        .addModifiers(Modifier.PUBLIC)
        .returns(result);
  }
}
