/* The bytes of the file MODEL, read-only, at a multiple of 64 as dnn_model_open_borrowed wants them. */
        .section .rodata
        .balign 64
        .global model_start
model_start:
        .incbin MODEL
        .global model_end
model_end:
        .section .note.GNU-stack,"",%progbits
