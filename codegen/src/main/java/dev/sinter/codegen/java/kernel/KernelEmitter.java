package dev.sinter.codegen.java.kernel;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.JavaFile;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.TypeSpec;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.LoopKernel;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import javax.lang.model.element.Modifier;

/// Writes kernels as Java: one class for the kernels of a tier.
///
/// A kernel becomes a method that does one share of its work, with the parameters that
/// [KernelMethods] names, and private methods that it calls; the class ends with what they share.
public final class KernelEmitter {
  private static final ClassName VALUE_LAYOUT = ClassName.get(ValueLayout.class);
  private static final ClassName BYTE_ORDER = ClassName.get(ByteOrder.class);
  private static final ClassName SPECIES = ClassName.get("jdk.incubator.vector", "VectorSpecies");
  private static final ClassName SHAPE = ClassName.get("jdk.incubator.vector", "VectorShape");
  private static final ClassName SHUFFLE = ClassName.get("jdk.incubator.vector", "VectorShuffle");

  private final CpuTier tier;
  private final SupportMethods support = new SupportMethods();
  private final SharedTiles shared = new SharedTiles();

  public KernelEmitter(CpuTier tier) {
    this.tier = tier;
  }

  /// A class with nothing but kernels.
  ///
  /// @param names the method of each kernel
  public static JavaFile kernelClass(
      ClassName name, CpuTier tier, List<String> names, List<LoopKernel> kernels) {
    TypeSpec.Builder type =
        TypeSpec.classBuilder(name)
            .addModifiers(Modifier.PUBLIC, Modifier.FINAL)
            .addJavadoc(title(tier))
            .addMethod(MethodSpec.constructorBuilder().addModifiers(Modifier.PUBLIC).build());
    KernelEmitter emitter = new KernelEmitter(tier);
    for (int i = 0; i < kernels.size(); i++) {
      emitter.add(type, names.get(i), kernels.get(i));
    }
    emitter.complete(type);
    return JavaFile.builder(name.packageName(), type.build())
        .skipJavaLangImports(true)
        .indent("  ")
        .build();
  }

  /// Adds the public method `name` that runs `kernel`, and private ones that it calls.
  public void add(TypeSpec.Builder type, String name, LoopKernel kernel) {
    new KernelMethods(kernel, name, tier, support, shared).all().forEach(type::addMethod);
  }

  /// Adds what the kernels so far share: constants, the method `lanes()`, and small methods.
  public void complete(TypeSpec.Builder type) {
    type.addMethod(shared.warm());
    shared.methods(tier, support).forEach(type::addMethod);
    support.all().forEach(type::addMethod);
    layouts(type);
    if (support.wantsNever()) {
      type.addField(
          FieldSpec.builder(TypeName.INT, support.never(), Modifier.PRIVATE, Modifier.STATIC)
              .addJavadoc(
                  "No index. Not final: loops that the JIT must take to end there have turns of"
                      + " several parts.")
              .initializer("-1")
              .build());
    }
    if (tier == CpuTier.SCALAR) {
      type.addField(constant(TypeName.INT, "LANES", CodeBlock.of("1")));
    } else {
      species(type);
    }
    type.addField(
        constant(TypeName.INT, "LANE_BITS", CodeBlock.of("Integer.numberOfTrailingZeros(LANES)")));
    type.addMethod(
        MethodSpec.methodBuilder("lanes")
            .addJavadoc("The number of floats in a vector.")
            .addModifiers(Modifier.PUBLIC)
            .returns(TypeName.INT)
            .addStatement("return LANES")
            .build());
  }

  private static String title(CpuTier tier) {
    return tier == CpuTier.SCALAR
        ? "Kernels that do without the Vector API."
        : "Kernels for machines with %s vector registers.".formatted(tier.text());
  }

  private static void layouts(TypeSpec.Builder type) {
    type.addField(
        constant(
            ClassName.get(ByteOrder.class), "ORDER", CodeBlock.of("$T.LITTLE_ENDIAN", BYTE_ORDER)));
    layout(type, "F32", ValueLayout.OfFloat.class, "JAVA_FLOAT");
    layout(type, "F64", ValueLayout.OfDouble.class, "JAVA_DOUBLE");
    type.addField(
        constant(
            TypeName.get(ValueLayout.OfByte.class),
            "I8",
            CodeBlock.of("$T.JAVA_BYTE", VALUE_LAYOUT)));
    layout(type, "I16", ValueLayout.OfShort.class, "JAVA_SHORT");
    layout(type, "I32", ValueLayout.OfInt.class, "JAVA_INT");
    layout(type, "I64", ValueLayout.OfLong.class, "JAVA_LONG");
  }

  private static void layout(TypeSpec.Builder type, String name, Class<?> layout, String java) {
    type.addField(
        constant(
            TypeName.get(layout),
            name,
            CodeBlock.of("$T.$L_UNALIGNED.withOrder(ORDER)", VALUE_LAYOUT, java)));
  }

  /// The species of this machine; a system property asks for another, as the tests do.
  private void species(TypeSpec.Builder type) {
    TypeName floats = ParameterizedTypeName.get(SPECIES, ClassName.get(Float.class));
    TypeName ints = ParameterizedTypeName.get(SPECIES, ClassName.get(Integer.class));
    type.addField(
        constant(
            floats,
            "FLOATS",
            CodeBlock.of(
                "$T.forBitSize(Math.min($L, Integer.getInteger($S,"
                    + " $T.preferredShape().vectorBitSize()))).withLanes(float.class)",
                SHAPE,
                Integer.SIZE * LoopKernel.MOST_LANES,
                "sinter.vectorBits",
                SHAPE)));
    type.addField(
        constant(ints, "INTS", CodeBlock.of("FLOATS.vectorShape().withLanes(int.class)")));
    type.addField(constant(TypeName.INT, "LANES", CodeBlock.of("FLOATS.length()")));
    VectorCode code = new VectorCode(support);
    support
        .vectors()
        .forEach((name, literal) ->
            type.addField(
                constant(
                    JavaTypes.of(new LoopKernel.Type(literal.dtype(), true)),
                    name,
                    code.splat(ScalarCode.literal(literal), literal.dtype()).block())));
    for (String kind : List.of("FLOAT", "INT")) {
      if (!support.joinsLanes(kind)) {
        continue;
      }
      ClassName box = ClassName.get(kind.equals("FLOAT") ? Float.class : Integer.class);
      for (int half = LoopKernel.MOST_LANES / 2; half >= 1; half /= 2) {
        type.addField(
            constant(
                ParameterizedTypeName.get(SHUFFLE, box),
                kind + "_SHUFFLE_" + half,
                CodeBlock.of("$T.iota($LS, $L, 1, true)", SHUFFLE, kind, half)));
      }
    }
  }

  private static FieldSpec constant(TypeName type, String name, CodeBlock value) {
    return FieldSpec.builder(type, name, Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer(value)
        .build();
  }
}
