using EdgeFace.Tests.Support;

namespace EdgeFace.Tests.Evaluation.Data;

/// <summary>
/// .bin files of three pairs (same, different, same) whose picture i is 40 + i bytes, byte j being 37 i + 7 j modulo 256.
/// Those of Python 3 were written by pickle.dumps of Python 3.11 with numpy 1.24.2 (arrays: np.frombuffer(picture, dtype=np.uint8),
/// the not read-only ones copied; bools: np.bool_ or np.array), that of Python 2 by cPickle of 2.7.18.
/// </summary>
static class BinPickles
{
    public const int Pictures = 6;

    public static readonly bool[] Same = [true, false, true];

    public static byte[] Picture(int i) => [.. Enumerable.Range(0, 40 + i).Select(j => (byte)(37 * i + 7 * j))];

    public static readonly Dictionary<string, string> Base64 = new()
    {
        ["bytes, list of bools, protocol 2"] =
            "gAJdcQAoY19jb2RlY3MKZW5jb2RlCnEBWDoAAAAABw4VHCMqMTg/Rk1UW2JpcHd+woXCjMKTwprCocKowq/CtsK9w4TDi8OSw5nDoMOnw67DtcO8AwoRcQJYBgAAAGxhdGlu"
            + "MXEDhnEEUnEFaAFYPAAAACUsMzpBSE9WXWRrcnnCgMKHwo7ClcKcwqPCqsKxwrjCv8OGw43DlMObw6LDqcOww7fDvgUMExohKC82PXEGaAOGcQdScQhoAVg8AAAASlFYX2Zt"
            + "dHvCgsKJwpDCl8KewqXCrMKzwrrDgcOIw4/DlsOdw6TDq8Oyw7kABw4VHCMqMTg/Rk1UW2JpcQloA4ZxClJxC2gBWEEAAABvdn3ChMKLwpLCmcKgwqfCrsK1wrzDg8OKw5HD"
            + "mMOfw6bDrcO0w7sCCRAXHiUsMzpBSE9WXWRrcnnCgMKHwo7ClXEMaAOGcQ1ScQ5oAVhGAAAAwpTCm8KiwqnCsMK3wr7DhcOMw5PDmsOhw6jDr8O2w70ECxIZICcuNTxDSlFY"
            + "X2ZtdHvCgsKJwpDCl8KewqXCrMKzwrrDgXEPaAOGcRBScRFoAVhIAAAAwrnDgMOHw47DlcOcw6PDqsOxw7jDvwYNFBsiKTA3PkVMU1phaG92fcKEwovCksKZwqDCp8KuwrXC"
            + "vMODw4rDkcOYw5/DpsOtcRJoA4ZxE1JxFGVdcRUoiImIZYZxFi4=",
        ["arrays, list of numpy bools, protocol 2"] =
            "gAJdcQAoY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQFjbnVtcHkKbmRhcnJheQpxAksAhXEDY19jb2RlY3MKZW5jb2RlCnEEWAEAAABicQVYBgAAAGxh"
            + "dGluMXEGhnEHUnEIh3EJUnEKKEsBSyiFcQtjbnVtcHkKZHR5cGUKcQxYAgAAAHUxcQ2JiIdxDlJxDyhLA1gBAAAAfHEQTk5OSv////9K/////0sAdHERYoloBFg6AAAAAAcO"
            + "FRwjKjE4P0ZNVFtiaXB3fsKFwozCk8KawqHCqMKvwrbCvcOEw4vDksOZw6DDp8Ouw7XDvAMKEXESaAaGcRNScRR0cRViaAFoAksAhXEWaAiHcRdScRgoSwFLKYVxGWgPiWgE"
            + "WDwAAAAlLDM6QUhPVl1ka3J5woDCh8KOwpXCnMKjwqrCscK4wr/DhsONw5TDm8Oiw6nDsMO3w74FDBMaISgvNj1xGmgGhnEbUnEcdHEdYmgBaAJLAIVxHmgIh3EfUnEgKEsB"
            + "SyqFcSFoD4loBFg8AAAASlFYX2ZtdHvCgsKJwpDCl8KewqXCrMKzwrrDgcOIw4/DlsOdw6TDq8Oyw7kABw4VHCMqMTg/Rk1UW2JpcSJoBoZxI1JxJHRxJWJoAWgCSwCFcSZo"
            + "CIdxJ1JxKChLAUsrhXEpaA+JaARYQQAAAG92fcKEwovCksKZwqDCp8KuwrXCvMODw4rDkcOYw5/DpsOtw7TDuwIJEBceJSwzOkFIT1ZdZGtyecKAwofCjsKVcSpoBoZxK1Jx"
            + "LHRxLWJoAWgCSwCFcS5oCIdxL1JxMChLAUsshXExaA+JaARYRgAAAMKUwpvCosKpwrDCt8K+w4XDjMOTw5rDocOow6/DtsO9BAsSGSAnLjU8Q0pRWF9mbXR7woLCicKQwpfC"
            + "nsKlwqzCs8K6w4FxMmgGhnEzUnE0dHE1YmgBaAJLAIVxNmgIh3E3UnE4KEsBSy2FcTloD4loBFhIAAAAwrnDgMOHw47DlcOcw6PDqsOxw7jDvwYNFBsiKTA3PkVMU1phaG92"
            + "fcKEwovCksKZwqDCp8KuwrXCvMODw4rDkcOYw5/DpsOtcTpoBoZxO1JxPHRxPWJlXXE+KGNudW1weS5jb3JlLm11bHRpYXJyYXkKc2NhbGFyCnE/aAxYAgAAAGIxcUCJiIdx"
            + "QVJxQihLA2gQTk5OSv////9K/////0sAdHFDYmgEWAEAAAABcURoBoZxRVJxRoZxR1JxSGg/aEJoBFgBAAAAAHFJaAaGcUpScUuGcUxScU1oSGWGcU4u",
        ["bytes, array of bools, protocol 2"] =
            "gAJdcQAoXXEBKGNfY29kZWNzCmVuY29kZQpxAlg6AAAAAAcOFRwjKjE4P0ZNVFtiaXB3fsKFwozCk8KawqHCqMKvwrbCvcOEw4vDksOZw6DDp8Ouw7XDvAMKEXEDWAYAAABs"
            + "YXRpbjFxBIZxBVJxBmgCWDwAAAAlLDM6QUhPVl1ka3J5woDCh8KOwpXCnMKjwqrCscK4wr/DhsONw5TDm8Oiw6nDsMO3w74FDBMaISgvNj1xB2gEhnEIUnEJaAJYPAAAAEpR"
            + "WF9mbXR7woLCicKQwpfCnsKlwqzCs8K6w4HDiMOPw5bDncOkw6vDssO5AAcOFRwjKjE4P0ZNVFtiaXEKaASGcQtScQxoAlhBAAAAb3Z9woTCi8KSwpnCoMKnwq7CtcK8w4PD"
            + "isORw5jDn8Omw63DtMO7AgkQFx4lLDM6QUhPVl1ka3J5woDCh8KOwpVxDWgEhnEOUnEPaAJYRgAAAMKUwpvCosKpwrDCt8K+w4XDjMOTw5rDocOow6/DtsO9BAsSGSAnLjU8"
            + "Q0pRWF9mbXR7woLCicKQwpfCnsKlwqzCs8K6w4FxEGgEhnERUnESaAJYSAAAAMK5w4DDh8OOw5XDnMOjw6rDscO4w78GDRQbIikwNz5FTFNaYWhvdn3ChMKLwpLCmcKgwqfC"
            + "rsK1wrzDg8OKw5HDmMOfw6bDrXETaASGcRRScRVlY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcRZjbnVtcHkKbmRhcnJheQpxF0sAhXEYaAJYAQAAAGJx"
            + "GWgEhnEaUnEbh3EcUnEdKEsBSwOFcR5jbnVtcHkKZHR5cGUKcR9YAgAAAGIxcSCJiIdxIVJxIihLA1gBAAAAfHEjTk5OSv////9K/////0sAdHEkYoloAlgDAAAAAQABcSVo"
            + "BIZxJlJxJ3RxKGJlLg==",
        ["arrays, list of numpy bools, protocol 3"] =
            "gANdcQAoY251bXB5LmNvcmUubXVsdGlhcnJheQpfcmVjb25zdHJ1Y3QKcQFjbnVtcHkKbmRhcnJheQpxAksAhXEDQwFicQSHcQVScQYoSwFLKIVxB2NudW1weQpkdHlwZQpx"
            + "CFgCAAAAdTFxCYmIh3EKUnELKEsDWAEAAAB8cQxOTk5K/////0r/////SwB0cQ1iiUMoAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71/AMKEXEOdHEPYmgB"
            + "aAJLAIVxEGgEh3ERUnESKEsBSymFcRNoC4lDKSUsMzpBSE9WXWRrcnmAh46VnKOqsbi/xs3U2+Lp8Pf+BQwTGiEoLzY9cRR0cRViaAFoAksAhXEWaASHcRdScRgoSwFLKoVx"
            + "GWgLiUMqSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vkABw4VHCMqMTg/Rk1UW2JpcRp0cRtiaAFoAksAhXEcaASHcR1ScR4oSwFLK4VxH2gLiUMrb3Z9hIuSmaCnrrW8w8rR"
            + "2N/m7fT7AgkQFx4lLDM6QUhPVl1ka3J5gIeOlXEgdHEhYmgBaAJLAIVxImgEh3EjUnEkKEsBSyyFcSVoC4lDLJSboqmwt77FzNPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdHuC"
            + "iZCXnqWss7rBcSZ0cSdiaAFoAksAhXEoaASHcSlScSooSwFLLYVxK2gLiUMtucDHztXc4+rx+P8GDRQbIikwNz5FTFNaYWhvdn2Ei5KZoKeutbzDytHY3+btcSx0cS1iZV1x"
            + "LihjbnVtcHkuY29yZS5tdWx0aWFycmF5CnNjYWxhcgpxL2gIWAIAAABiMXEwiYiHcTFScTIoSwNoDE5OTkr/////Sv////9LAHRxM2JDAQFxNIZxNVJxNmgvaDJDAQBxN4Zx"
            + "OFJxOWg2ZYZxOi4=",
        ["bytes, list of bools, protocol 4"] =
            "gASVHwEAAAAAAABdlChDKAAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwDChGUQyklLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExohKC82"
            + "PZRDKkpRWF9mbXR7gomQl56lrLO6wcjP1t3k6/L5AAcOFRwjKjE4P0ZNVFtiaZRDK292fYSLkpmgp661vMPK0djf5u30+wIJEBceJSwzOkFIT1ZdZGtyeYCHjpWUQyyUm6Kp"
            + "sLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7gomQl56lrLO6wZRDLbnAx87V3OPq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7ZRlXZQoiImIZYaU"
            + "Lg==",
        ["arrays, list of numpy bools, protocol 4"] =
            "gASVbgIAAAAAAABdlCiMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSyiFlGgEjAVk"
            + "dHlwZZSTlIwCdTGUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LAHSUYolDKAAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwDChGUdJRiaANoBksAhZRo"
            + "CIeUUpQoSwFLKYWUaBCJQyklLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExohKC82PZR0lGJoA2gGSwCFlGgIh5RSlChLAUsqhZRoEIlDKkpRWF9mbXR7gomQ"
            + "l56lrLO6wcjP1t3k6/L5AAcOFRwjKjE4P0ZNVFtiaZR0lGJoA2gGSwCFlGgIh5RSlChLAUsrhZRoEIlDK292fYSLkpmgp661vMPK0djf5u30+wIJEBceJSwzOkFIT1ZdZGty"
            + "eYCHjpWUdJRiaANoBksAhZRoCIeUUpQoSwFLLIWUaBCJQyyUm6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7gomQl56lrLO6wZR0lGJoA2gGSwCFlGgIh5RSlChL"
            + "AUsthZRoEIlDLbnAx87V3OPq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7ZR0lGJlXZQoaAGMBnNjYWxhcpSTlGgNjAJiMZSJiIeUUpQoSwNoEU5OTkr/"
            + "////Sv////9LAHSUYkMBAZSGlFKUaDVoOEMBAJSGlFKUaDxlhpQu",
        ["arrays, list of numpy bools, protocol 5"] =
            "gAWVVgIAAAAAAABdlCiMEm51bXB5LmNvcmUubnVtZXJpY5SMC19mcm9tYnVmZmVylJOUKJYoAAAAAAAAAAAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwD"
            + "ChGUjAVudW1weZSMBWR0eXBllJOUjAJ1MZSJiIeUUpQoSwOMAXyUTk5OSv////9K/////0sAdJRiSyiFlIwBQ5R0lFKUaAMolikAAAAAAAAAJSwzOkFIT1ZdZGtyeYCHjpWc"
            + "o6qxuL/GzdTb4unw9/4FDBMaISgvNj2UaApLKYWUaA50lFKUaAMolioAAAAAAAAASlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vkABw4VHCMqMTg/Rk1UW2JplGgKSyqFlGgO"
            + "dJRSlGgDKJYrAAAAAAAAAG92fYSLkpmgp661vMPK0djf5u30+wIJEBceJSwzOkFIT1ZdZGtyeYCHjpWUaApLK4WUaA50lFKUaAMoliwAAAAAAAAAlJuiqbC3vsXM09rh6O/2"
            + "/QQLEhkgJy41PENKUVhfZm10e4KJkJeepayzusGUaApLLIWUaA50lFKUaAMoli0AAAAAAAAAucDHztXc4+rx+P8GDRQbIikwNz5FTFNaYWhvdn2Ei5KZoKeutbzDytHY3+bt"
            + "lGgKSy2FlGgOdJRSlGVdlCiMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMBnNjYWxhcpSTlGgHjAJiMZSJiIeUUpQoSwNoC05OTkr/////Sv////9LAHSUYkMBAZSGlFKUaCho"
            + "K0MBAJSGlFKUaC9lhpQu",
        ["bytes, array of bools, protocol 5"] =
            "gAWVjwEAAAAAAABdlChdlChDKAAHDhUcIyoxOD9GTVRbYmlwd36FjJOaoaivtr3Ey9LZ4Ofu9fwDChGUQyklLDM6QUhPVl1ka3J5gIeOlZyjqrG4v8bN1Nvi6fD3/gUMExoh"
            + "KC82PZRDKkpRWF9mbXR7gomQl56lrLO6wcjP1t3k6/L5AAcOFRwjKjE4P0ZNVFtiaZRDK292fYSLkpmgp661vMPK0djf5u30+wIJEBceJSwzOkFIT1ZdZGtyeYCHjpWUQyyU"
            + "m6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7gomQl56lrLO6wZRDLbnAx87V3OPq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7ZRljBJudW1w"
            + "eS5jb3JlLm51bWVyaWOUjAtfZnJvbWJ1ZmZlcpSTlCiWAwAAAAAAAAABAAGUjAVudW1weZSMBWR0eXBllJOUjAJiMZSJiIeUUpQoSwOMAXyUTk5OSv////9K/////0sAdJRi"
            + "SwOFlIwBQ5R0lFKUZS4=",
        ["read-only arrays, protocol 5"] =
            "gAWV0gEAAAAAAABdlCiMEm51bXB5LmNvcmUubnVtZXJpY5SMC19mcm9tYnVmZmVylJOUKEMoAAcOFRwjKjE4P0ZNVFtiaXB3foWMk5qhqK+2vcTL0tng5+71/AMKEZSMBW51"
            + "bXB5lIwFZHR5cGWUk5SMAnUxlImIh5RSlChLA4wBfJROTk5K/////0r/////SwB0lGJLKIWUjAFDlHSUUpRoAyhDKSUsMzpBSE9WXWRrcnmAh46VnKOqsbi/xs3U2+Lp8Pf+"
            + "BQwTGiEoLzY9lGgKSymFlGgOdJRSlGgDKEMqSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vkABw4VHCMqMTg/Rk1UW2JplGgKSyqFlGgOdJRSlGgDKEMrb3Z9hIuSmaCnrrW8"
            + "w8rR2N/m7fT7AgkQFx4lLDM6QUhPVl1ka3J5gIeOlZRoCksrhZRoDnSUUpRoAyhDLJSboqmwt77FzNPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rBlGgKSyyF"
            + "lGgOdJRSlGgDKEMtucDHztXc4+rx+P8GDRQbIikwNz5FTFNaYWhvdn2Ei5KZoKeutbzDytHY3+btlGgKSy2FlGgOdJRSlGVdlCiIiYhlhpQu",
        ["byte strings of Python 2"] =
            "gAJdcQEoVSgABw4VHCMqMTg/Rk1UW2JpcHd+hYyTmqGor7a9xMvS2eDn7vX8AwoRcQJVKSUsMzpBSE9WXWRrcnmAh46VnKOqsbi/xs3U2+Lp8Pf+BQwTGiEoLzY9cQNVKkpR"
            + "WF9mbXR7gomQl56lrLO6wcjP1t3k6/L5AAcOFRwjKjE4P0ZNVFtiaXEEVStvdn2Ei5KZoKeutbzDytHY3+bt9PsCCRAXHiUsMzpBSE9WXWRrcnmAh46VcQVVLJSboqmwt77F"
            + "zNPa4ejv9v0ECxIZICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rBcQZVLbnAx87V3OPq8fj/Bg0UGyIpMDc+RUxTWmFob3Z9hIuSmaCnrrW8w8rR2N/m7XEHZV1xCCiIiYhlhi4=",
    };

    public static byte[] Of(string name) => Convert.FromBase64String(Base64[name]);

    /// <summary>A pickle of protocol 2 with byte strings of one picture each and flags, written by hand.</summary>
    public static Pickle Plain(int pictures, string flags) => new Pickle().Raw("](").Raw("U\u0003abc", pictures).Raw("e](").Raw(flags).Raw("e\x86");
}
