/// Thread kernels to PTX.
package dev.sinter.codegen.ptx;
