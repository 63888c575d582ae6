"""Terms that Korean writers of documentation use in both languages."""

import random
import re

PAIRS = """
서버=server 데이터베이스=database 데이터=data 테이블=table 열=column 행=row 인덱스=index 쿼리=query
뷰=view 트리거=trigger 트랜잭션=transaction 백업=backup 복원=restore 로그인=login 로그아웃=logout
로그=log 암호=password 비밀번호=password 사용자=user 계정=account 권한=permission 역할=role
인증서=certificate 인증=authentication 암호화=encryption 키=key 파일=file 폴더=folder 경로=path
디렉터리=directory 프로젝트=project 솔루션=solution 빌드=build 배포=deploy 디버거=debugger
디버깅=debugging 중단점=breakpoint 컴파일러=compiler 컴파일=compile 링커=linker 라이브러리=library
패키지=package 모듈=module 함수=function 메서드=method 클래스=class 개체=object 객체=object
속성=property 변수=variable 매개변수=parameter 인수=argument 배열=array 문자열=string
정수=integer 형식=type 예외=exception 오류=error 에러=error 이벤트=event 스레드=thread
프로세스=process 메모리=memory 캐시=cache 큐=queue 스택=stack 버퍼=buffer 포트=port 네트워크=network
방화벽=firewall 프록시=proxy 도메인=domain 주소=address 연결=connection 세션=session 토큰=token
클라이언트=client 서비스=service 템플릿=template 컴포넌트=component 렌더링=render 상태=state 훅=hook
라우터=router 스타일=style 이미지=image 버튼=button 브라우저=browser 페이지=page 링크=link 메뉴=menu
창=window 대화상자=dialog 도구모음=toolbar 편집기=editor 확장=extension 플러그인=plugin 버전=version
업데이트=update 업그레이드=upgrade 설치=install 제거=uninstall 설정=settings 구성=configuration
옵션=option 기본값=default 모델=model 학습=training 손실=loss 층=layer 텐서=tensor
그래디언트=gradient 배치=batch 가중치=weight 데이터세트=dataset 데이터셋=dataset 평가=evaluation
추론=inference 보고서=report 차트=chart 필터=filter 정렬=sort 그룹=group 일정=schedule 작업=job
에이전트=agent 복제=replication 스크립트=script 명령=command 콘솔=console 이메일=email 메일=mail
앱=app 모바일=mobile 화면=screen 키보드=keyboard 다운로드=download 업로드=upload 동기화=sync
라이선스=license 구독=subscription 결제=payment 환불=refund 쿠폰=coupon 배송=delivery
포인트=point 예약=reservation
""".split()
_ENGLISH = dict(pair.split("=") for pair in PAIRS)
_KOREAN = {english: korean for korean, english in reversed([pair.split("=") for pair in PAIRS])}
_KOREAN_TERM = re.compile("|".join(sorted((term for term in _ENGLISH if len(term) > 1), key=len, reverse=True)))
_ENGLISH_TERM = re.compile(r"\b(?:" + "|".join(_KOREAN) + r")\b", re.IGNORECASE)


def swap_terms(text: str, rng: random.Random) -> str:
    """One term said in the other language."""
    found = list(_KOREAN_TERM.finditer(text)) + list(_ENGLISH_TERM.finditer(text))
    if not found:
        return text
    term = rng.choice(found)
    other = _ENGLISH.get(term[0]) or _KOREAN[term[0].lower()]
    return text[: term.start()] + other + text[term.end() :]
