/* Made by mcpc 0.1.0 from
 *   input.mcpp  sha256 35117d7e11585c4088fc6b3ba632701582fbc1056dbea972fef12e718601854b
 *   api.yaml  sha256 4521203fc19b6bf4d98e144678e3282d0b001e9917034005fdf4e61ae98a6c3e
 * Change the policy, not this file:  mcpc input.mcpp -o policy.c
 * 3 tools, 131 facts, 0 rules, 1 verifier, 1 credential. */
#include <mcpp/policy.h>

#if MCPP_POLICY_ABI != 2
#error "this file is for policy ABI 2 and <mcpp/policy.h> is of another: run mcpc again"
#endif

/* What can be known about a caller. */
enum {
    TOKEN, S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15, S16, S17, S18, S19,
    S20, S21, S22, S23, S24, S25, S26, S27, S28, S29, S30, S31, S32, S33, S34, S35, S36, S37, S38,
    S39, S40, S41, S42, S43, S44, S45, S46, S47, S48, S49, S50, S51, S52, S53, S54, S55, S56, S57,
    S58, S59, S60, S61, S62, S63, S64, S65, S66, S67, S68, S69, S70, S71, S72, S73, S74, S75, S76,
    S77, S78, S79, S80, S81, S82, S83, S84, S85, S86, S87, S88, S89, S90, S91, S92, S93, S94, S95,
    S96, S97, S98, S99, S100, S101, S102, S103, S104, S105, S106, S107, S108, S109, S110, S111,
    S112, S113, S114, S115, S116, S117, S118, S119, S120, S121, S122, S123, S124, S125, S126, S127,
    S128, S129, FACT_COUNT
};

enum { FACT_WORDS = (FACT_COUNT + 63) / 64 };
#define BIT(fact) (UINT64_C(1) << (fact) % 64)

static const struct mcpp_fact facts[] = {
    [TOKEN] = {MCPP_FACT_TOKEN, "token", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN)}},
    /* scope "s0" */
    [S0] = {MCPP_FACT_SCOPE, "s0", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S0)}},
    /* scope "s1" */
    [S1] = {MCPP_FACT_SCOPE, "s1", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S1)}},
    /* scope "s2" */
    [S2] = {MCPP_FACT_SCOPE, "s2", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S2)}},
    /* scope "s3" */
    [S3] = {MCPP_FACT_SCOPE, "s3", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S3)}},
    /* scope "s4" */
    [S4] = {MCPP_FACT_SCOPE, "s4", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S4)}},
    /* scope "s5" */
    [S5] = {MCPP_FACT_SCOPE, "s5", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S5)}},
    /* scope "s6" */
    [S6] = {MCPP_FACT_SCOPE, "s6", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S6)}},
    /* scope "s7" */
    [S7] = {MCPP_FACT_SCOPE, "s7", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S7)}},
    /* scope "s8" */
    [S8] = {MCPP_FACT_SCOPE, "s8", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S8)}},
    /* scope "s9" */
    [S9] = {MCPP_FACT_SCOPE, "s9", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S9)}},
    /* scope "s10" */
    [S10] = {MCPP_FACT_SCOPE, "s10", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S10)}},
    /* scope "s11" */
    [S11] = {MCPP_FACT_SCOPE, "s11", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S11)}},
    /* scope "s12" */
    [S12] = {MCPP_FACT_SCOPE, "s12", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S12)}},
    /* scope "s13" */
    [S13] = {MCPP_FACT_SCOPE, "s13", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S13)}},
    /* scope "s14" */
    [S14] = {MCPP_FACT_SCOPE, "s14", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S14)}},
    /* scope "s15" */
    [S15] = {MCPP_FACT_SCOPE, "s15", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S15)}},
    /* scope "s16" */
    [S16] = {MCPP_FACT_SCOPE, "s16", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S16)}},
    /* scope "s17" */
    [S17] = {MCPP_FACT_SCOPE, "s17", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S17)}},
    /* scope "s18" */
    [S18] = {MCPP_FACT_SCOPE, "s18", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S18)}},
    /* scope "s19" */
    [S19] = {MCPP_FACT_SCOPE, "s19", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S19)}},
    /* scope "s20" */
    [S20] = {MCPP_FACT_SCOPE, "s20", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S20)}},
    /* scope "s21" */
    [S21] = {MCPP_FACT_SCOPE, "s21", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S21)}},
    /* scope "s22" */
    [S22] = {MCPP_FACT_SCOPE, "s22", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S22)}},
    /* scope "s23" */
    [S23] = {MCPP_FACT_SCOPE, "s23", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S23)}},
    /* scope "s24" */
    [S24] = {MCPP_FACT_SCOPE, "s24", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S24)}},
    /* scope "s25" */
    [S25] = {MCPP_FACT_SCOPE, "s25", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S25)}},
    /* scope "s26" */
    [S26] = {MCPP_FACT_SCOPE, "s26", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S26)}},
    /* scope "s27" */
    [S27] = {MCPP_FACT_SCOPE, "s27", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S27)}},
    /* scope "s28" */
    [S28] = {MCPP_FACT_SCOPE, "s28", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S28)}},
    /* scope "s29" */
    [S29] = {MCPP_FACT_SCOPE, "s29", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S29)}},
    /* scope "s30" */
    [S30] = {MCPP_FACT_SCOPE, "s30", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S30)}},
    /* scope "s31" */
    [S31] = {MCPP_FACT_SCOPE, "s31", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S31)}},
    /* scope "s32" */
    [S32] = {MCPP_FACT_SCOPE, "s32", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S32)}},
    /* scope "s33" */
    [S33] = {MCPP_FACT_SCOPE, "s33", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S33)}},
    /* scope "s34" */
    [S34] = {MCPP_FACT_SCOPE, "s34", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S34)}},
    /* scope "s35" */
    [S35] = {MCPP_FACT_SCOPE, "s35", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S35)}},
    /* scope "s36" */
    [S36] = {MCPP_FACT_SCOPE, "s36", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S36)}},
    /* scope "s37" */
    [S37] = {MCPP_FACT_SCOPE, "s37", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S37)}},
    /* scope "s38" */
    [S38] = {MCPP_FACT_SCOPE, "s38", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S38)}},
    /* scope "s39" */
    [S39] = {MCPP_FACT_SCOPE, "s39", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S39)}},
    /* scope "s40" */
    [S40] = {MCPP_FACT_SCOPE, "s40", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S40)}},
    /* scope "s41" */
    [S41] = {MCPP_FACT_SCOPE, "s41", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S41)}},
    /* scope "s42" */
    [S42] = {MCPP_FACT_SCOPE, "s42", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S42)}},
    /* scope "s43" */
    [S43] = {MCPP_FACT_SCOPE, "s43", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S43)}},
    /* scope "s44" */
    [S44] = {MCPP_FACT_SCOPE, "s44", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S44)}},
    /* scope "s45" */
    [S45] = {MCPP_FACT_SCOPE, "s45", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S45)}},
    /* scope "s46" */
    [S46] = {MCPP_FACT_SCOPE, "s46", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S46)}},
    /* scope "s47" */
    [S47] = {MCPP_FACT_SCOPE, "s47", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S47)}},
    /* scope "s48" */
    [S48] = {MCPP_FACT_SCOPE, "s48", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S48)}},
    /* scope "s49" */
    [S49] = {MCPP_FACT_SCOPE, "s49", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S49)}},
    /* scope "s50" */
    [S50] = {MCPP_FACT_SCOPE, "s50", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S50)}},
    /* scope "s51" */
    [S51] = {MCPP_FACT_SCOPE, "s51", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S51)}},
    /* scope "s52" */
    [S52] = {MCPP_FACT_SCOPE, "s52", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S52)}},
    /* scope "s53" */
    [S53] = {MCPP_FACT_SCOPE, "s53", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S53)}},
    /* scope "s54" */
    [S54] = {MCPP_FACT_SCOPE, "s54", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S54)}},
    /* scope "s55" */
    [S55] = {MCPP_FACT_SCOPE, "s55", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S55)}},
    /* scope "s56" */
    [S56] = {MCPP_FACT_SCOPE, "s56", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S56)}},
    /* scope "s57" */
    [S57] = {MCPP_FACT_SCOPE, "s57", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S57)}},
    /* scope "s58" */
    [S58] = {MCPP_FACT_SCOPE, "s58", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S58)}},
    /* scope "s59" */
    [S59] = {MCPP_FACT_SCOPE, "s59", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S59)}},
    /* scope "s60" */
    [S60] = {MCPP_FACT_SCOPE, "s60", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S60)}},
    /* scope "s61" */
    [S61] = {MCPP_FACT_SCOPE, "s61", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S61)}},
    /* scope "s62" */
    [S62] = {MCPP_FACT_SCOPE, "s62", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S62)}},
    /* scope "s63" */
    [S63] = {MCPP_FACT_SCOPE, "s63", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S63)}},
    /* scope "s64" implies "s0" */
    [S64] = {MCPP_FACT_SCOPE, "s64", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S0), [1] = BIT(S64)}},
    /* scope "s65" */
    [S65] = {MCPP_FACT_SCOPE, "s65", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S65)}},
    /* scope "s66" */
    [S66] = {MCPP_FACT_SCOPE, "s66", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S66)}},
    /* scope "s67" */
    [S67] = {MCPP_FACT_SCOPE, "s67", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S67)}},
    /* scope "s68" */
    [S68] = {MCPP_FACT_SCOPE, "s68", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S68)}},
    /* scope "s69" */
    [S69] = {MCPP_FACT_SCOPE, "s69", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S69)}},
    /* scope "s70" */
    [S70] = {MCPP_FACT_SCOPE, "s70", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S70)}},
    /* scope "s71" */
    [S71] = {MCPP_FACT_SCOPE, "s71", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S71)}},
    /* scope "s72" */
    [S72] = {MCPP_FACT_SCOPE, "s72", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S72)}},
    /* scope "s73" */
    [S73] = {MCPP_FACT_SCOPE, "s73", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S73)}},
    /* scope "s74" */
    [S74] = {MCPP_FACT_SCOPE, "s74", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S74)}},
    /* scope "s75" */
    [S75] = {MCPP_FACT_SCOPE, "s75", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S75)}},
    /* scope "s76" */
    [S76] = {MCPP_FACT_SCOPE, "s76", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S76)}},
    /* scope "s77" */
    [S77] = {MCPP_FACT_SCOPE, "s77", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S77)}},
    /* scope "s78" */
    [S78] = {MCPP_FACT_SCOPE, "s78", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S78)}},
    /* scope "s79" */
    [S79] = {MCPP_FACT_SCOPE, "s79", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S79)}},
    /* scope "s80" */
    [S80] = {MCPP_FACT_SCOPE, "s80", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S80)}},
    /* scope "s81" */
    [S81] = {MCPP_FACT_SCOPE, "s81", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S81)}},
    /* scope "s82" */
    [S82] = {MCPP_FACT_SCOPE, "s82", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S82)}},
    /* scope "s83" */
    [S83] = {MCPP_FACT_SCOPE, "s83", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S83)}},
    /* scope "s84" */
    [S84] = {MCPP_FACT_SCOPE, "s84", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S84)}},
    /* scope "s85" */
    [S85] = {MCPP_FACT_SCOPE, "s85", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S85)}},
    /* scope "s86" */
    [S86] = {MCPP_FACT_SCOPE, "s86", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S86)}},
    /* scope "s87" */
    [S87] = {MCPP_FACT_SCOPE, "s87", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S87)}},
    /* scope "s88" */
    [S88] = {MCPP_FACT_SCOPE, "s88", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S88)}},
    /* scope "s89" */
    [S89] = {MCPP_FACT_SCOPE, "s89", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S89)}},
    /* scope "s90" */
    [S90] = {MCPP_FACT_SCOPE, "s90", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S90)}},
    /* scope "s91" */
    [S91] = {MCPP_FACT_SCOPE, "s91", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S91)}},
    /* scope "s92" */
    [S92] = {MCPP_FACT_SCOPE, "s92", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S92)}},
    /* scope "s93" */
    [S93] = {MCPP_FACT_SCOPE, "s93", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S93)}},
    /* scope "s94" */
    [S94] = {MCPP_FACT_SCOPE, "s94", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S94)}},
    /* scope "s95" */
    [S95] = {MCPP_FACT_SCOPE, "s95", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S95)}},
    /* scope "s96" implies "s32" */
    [S96] = {MCPP_FACT_SCOPE, "s96", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S32), [1] = BIT(S96)}},
    /* scope "s97" */
    [S97] = {MCPP_FACT_SCOPE, "s97", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S97)}},
    /* scope "s98" */
    [S98] = {MCPP_FACT_SCOPE, "s98", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S98)}},
    /* scope "s99" */
    [S99] = {MCPP_FACT_SCOPE, "s99", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S99)}},
    /* scope "s100" */
    [S100] = {MCPP_FACT_SCOPE, "s100", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S100)}},
    /* scope "s101" */
    [S101] = {MCPP_FACT_SCOPE, "s101", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S101)}},
    /* scope "s102" */
    [S102] = {MCPP_FACT_SCOPE, "s102", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S102)}},
    /* scope "s103" */
    [S103] = {MCPP_FACT_SCOPE, "s103", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S103)}},
    /* scope "s104" */
    [S104] = {MCPP_FACT_SCOPE, "s104", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S104)}},
    /* scope "s105" */
    [S105] = {MCPP_FACT_SCOPE, "s105", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S105)}},
    /* scope "s106" */
    [S106] = {MCPP_FACT_SCOPE, "s106", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S106)}},
    /* scope "s107" */
    [S107] = {MCPP_FACT_SCOPE, "s107", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S107)}},
    /* scope "s108" */
    [S108] = {MCPP_FACT_SCOPE, "s108", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S108)}},
    /* scope "s109" */
    [S109] = {MCPP_FACT_SCOPE, "s109", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S109)}},
    /* scope "s110" */
    [S110] = {MCPP_FACT_SCOPE, "s110", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S110)}},
    /* scope "s111" */
    [S111] = {MCPP_FACT_SCOPE, "s111", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S111)}},
    /* scope "s112" */
    [S112] = {MCPP_FACT_SCOPE, "s112", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S112)}},
    /* scope "s113" */
    [S113] = {MCPP_FACT_SCOPE, "s113", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S113)}},
    /* scope "s114" */
    [S114] = {MCPP_FACT_SCOPE, "s114", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S114)}},
    /* scope "s115" */
    [S115] = {MCPP_FACT_SCOPE, "s115", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S115)}},
    /* scope "s116" */
    [S116] = {MCPP_FACT_SCOPE, "s116", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S116)}},
    /* scope "s117" */
    [S117] = {MCPP_FACT_SCOPE, "s117", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S117)}},
    /* scope "s118" */
    [S118] = {MCPP_FACT_SCOPE, "s118", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S118)}},
    /* scope "s119" */
    [S119] = {MCPP_FACT_SCOPE, "s119", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S119)}},
    /* scope "s120" */
    [S120] = {MCPP_FACT_SCOPE, "s120", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S120)}},
    /* scope "s121" */
    [S121] = {MCPP_FACT_SCOPE, "s121", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S121)}},
    /* scope "s122" */
    [S122] = {MCPP_FACT_SCOPE, "s122", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S122)}},
    /* scope "s123" */
    [S123] = {MCPP_FACT_SCOPE, "s123", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S123)}},
    /* scope "s124" */
    [S124] = {MCPP_FACT_SCOPE, "s124", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S124)}},
    /* scope "s125" */
    [S125] = {MCPP_FACT_SCOPE, "s125", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S125)}},
    /* scope "s126" */
    [S126] = {MCPP_FACT_SCOPE, "s126", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [1] = BIT(S126)}},
    /* scope "s127" */
    [S127] = {MCPP_FACT_SCOPE, "s127", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [2] = BIT(S127)}},
    /* scope "s128" implies "s64" */
    [S128] = {MCPP_FACT_SCOPE, "s128", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN) | BIT(S0), [1] = BIT(S64), [2] = BIT(S128)}},
    /* scope "s129" */
    [S129] = {MCPP_FACT_SCOPE, "s129", "",
        .implies = (const uint64_t[FACT_WORDS]){[0] = BIT(TOKEN), [2] = BIT(S129)}},
};

/* Questions that lead to decisions, named after the first tool or role that asks them. */
enum { A_1, A_2, A_3, B_1, B_2, C_1, C_2, C_3, NODE_COUNT };

static const struct mcpp_node nodes[] = {
    [A_1] = {S0, .no = MCPP_NEEDS, .yes = A_2},
    [A_2] = {S63, .no = MCPP_NEEDS, .yes = A_3},
    [A_3] = {S64, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [B_1] = {S1, .no = B_2, .yes = MCPP_ALLOW},
    [B_2] = {S129, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
    [C_1] = {TOKEN, .no = C_2, .yes = MCPP_ALLOW},
    [C_2] = {S0, .no = MCPP_NEEDS, .yes = C_3},
    [C_3] = {S128, .no = MCPP_NEEDS, .yes = MCPP_ALLOW},
};

/* What callers are told that tools need: alternatives of scopes to hold together,
 * the cheapest first. */
static const uint64_t needs_s63_and_s64[FACT_WORDS] = {[1] = BIT(S63) | BIT(S64)};
static const uint64_t needs_s129_or_s1[2 * FACT_WORDS] = {
    [2] = BIT(S129),
    [1 * FACT_WORDS + 0] = BIT(S1),
};
static const uint64_t needs_token[FACT_WORDS] = {[0] = BIT(TOKEN)};

enum { NEEDS_S63_AND_S64, NEEDS_S129_OR_S1, NEEDS_TOKEN, CHALLENGE_COUNT };

static const struct mcpp_any_of challenges[] = {
    [NEEDS_S63_AND_S64] = {1, needs_s63_and_s64},
    [NEEDS_S129_OR_S1] = {2, needs_s129_or_s1},
    [NEEDS_TOKEN] = {1, needs_token},
};

enum { MAIN, VERIFIER_COUNT };

static const struct mcpp_verifier verifiers[] = {
    /* verifier main jwt {
     *     issuer   "https://login.example"
     *     audience "things"
     * } */
    [MAIN] = {
        .kind = MCPP_VERIFIER_JWT,
        .name = "main",
        .issuer = "https://login.example",
        .jwks = "",
        .audiences = (const char *const[]){"things"},
        .audience_count = 1,
        .scope_claim = "scope",
        .roles_claim = "",
        .algorithms = MCPP_RS256 | MCPP_ES256,
        .leeway_s = 60,
        .origin = {"input.mcpp", 4},
    },
};

/* What goes to the backend; the secrets are read when the server starts. */
enum { KEY, CREDENTIAL_COUNT };

static const struct mcpp_credential credentials[] = {
    [KEY] = {MCPP_SEND_BEARER, "", "", .secret = {MCPP_SECRET_ENV, "KEY"}, .claim = MCPP_NONE,
        .origin = {"input.mcpp", 145}},
};

/* Of each choice the first alternative whose secrets are there is sent. */
enum { SEND_KEY, CHOICE_COUNT };

static const struct mcpp_choice choices[] = {
    /* send bearer env KEY */
    [SEND_KEY] = {(const struct mcpp_alternative[]){
        {(const uint16_t[]){KEY}, 1},
    }, 1, {"input.mcpp", 145}},
};

enum { A, B, C, TOOL_COUNT };

static const struct mcpp_tool tools[] = {
    /* tool a GET /a needs "s0" and "s63" and "s64" */
    [A] = {
        .name = "a",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/a",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_S63_AND_S64,
        .shown = MCPP_ALLOW,
        .decision = A_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 141},
    },

    /* tool b GET /b needs "s129" or "s1" */
    [B] = {
        .name = "b",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/b",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_S129_OR_S1,
        .shown = MCPP_ALLOW,
        .decision = B_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 142},
    },

    /* tool c GET /c needs "s128" and "s0" or token */
    [C] = {
        .name = "c",
        .title = "",
        .description = "",
        .method = "GET",
        .path = "/c",
        .backend = "",
        .input_schema = "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}",
        .output_schema = "",
        .content_type = "",
        .accept = "",
        .choices = (const uint16_t[]){SEND_KEY},
        .choice_count = 1,
        .hints = MCPP_HINT_READ_ONLY | MCPP_HINT_IDEMPOTENT | MCPP_HINT_OPEN_WORLD,
        .challenge = NEEDS_TOKEN,
        .shown = MCPP_ALLOW,
        .decision = C_1,
        .operator_decision = MCPP_ALLOW,
        .origin = {"input.mcpp", 143},
    },
};

/* The perfect hash of the tools' names; TOOL_COUNT is an empty slot. */
static const uint16_t displace[] = {
    1
};

static const uint32_t slots[] = {
    A, B, TOOL_COUNT, C
};

const struct mcpp_policy mcpp_policy = {
    .abi = MCPP_POLICY_ABI,
    .size = MCPP_POLICY_SIZE,
    .name = "by-hand",
    .title = "By hand",
    .version = "1",
    .compiler = "mcpc 0.1.0",
    .backend = "https://api.example",
    .tools = tools,
    .tool_count = TOOL_COUNT,
    .facts = facts,
    .fact_count = FACT_COUNT,
    .fact_words = FACT_WORDS,
    .nodes = nodes,
    .node_count = NODE_COUNT,
    .challenges = challenges,
    .challenge_count = CHALLENGE_COUNT,
    .verifiers = verifiers,
    .verifier_count = VERIFIER_COUNT,
    .credentials = credentials,
    .credential_count = CREDENTIAL_COUNT,
    .choices = choices,
    .choice_count = CHOICE_COUNT,
    .validate_tokens = false,
    .names = {
        .seed = 1,
        .bucket_count = 1,
        .slot_count = 4,
        .displace = displace,
        .slots = slots,
    },
};
